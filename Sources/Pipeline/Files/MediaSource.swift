public import DictationTypes
import Glibc
import Linux

/// A file to be transcribed, or a pipe that the client has opened.
public struct MediaSource: Sendable, Hashable {
  /// What it is called in messages and results: as it was asked for.
  public let name: String
  /// Its absolute path; nil: a pipe.
  public let path: String?
  /// Its place below the folder that was asked for, with its name; its name alone, if it was asked for itself.
  public let place: String
  /// What the client has opened; it stays the client's.
  private let descriptor: Int32?

  /// The file at `path`, called `name`.
  public init(_ name: String, path: String, place: String? = nil) {
    self.name = name
    self.path = path
    self.place = place ?? lastComponent(path)
    descriptor = nil
  }

  /// What `descriptor` gives.
  public init(_ name: String, descriptor: Int32) {
    self.name = name == "-" ? "standard input" : name
    path = nil
    place = name == "-" ? "stdin" : lastComponent(name)
    self.descriptor = descriptor
  }

  /// Opens it: a descriptor that is the caller's to close.
  ///
  /// - Throws: kind `missingAsset` when there is no such file, `storage` when it cannot be read.
  func open() throws(DictationError) -> Int32 {
    // One that may be a pipe by now must not block.
    let opened =
      descriptor.map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
      ?? Glibc.open(path ?? "", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else {
      // What the system calls in other bytes has come here with this sign in their place.
      if path?.unicodeScalars.contains("\u{fffd}") == true {
        throw DictationError(.storage, "its name is no UTF-8: rename it")
      }
      throw errno == ENOENT
        ? DictationError(.missingAsset, "there is no such file")
        : DictationError(.storage, "it cannot be read: \(systemError())")
    }
    return opened
  }

  /// Whether more of it may come at any time, as of a microphone: it is waited for.
  var isEndless: Bool {
    var found = stat()
    guard let descriptor else { return false }
    return fstat(descriptor, &found) == 0 && found.st_mode & S_IFMT != S_IFREG
  }

  /// How much of a run it is, as far as that can be known before: its size in bytes; 0 for a pipe.
  public var weight: Double { Double(path.flatMap(fileSize) ?? 0) }

  /// When it was changed last, in milliseconds since 1970: of a recording, when it ended. Nil for a pipe.
  var modifiedAt: UInt64? {
    var found = stat()
    // A file may claim any time that its file system can hold.
    guard let path, stat(path, &found) == 0, (1..<1 << 40).contains(found.st_mtim.tv_sec) else { return nil }
    return UInt64(found.st_mtim.tv_sec) * 1000 + UInt64(found.st_mtim.tv_nsec) / 1_000_000
  }

  /// What tells this state of the file from others: path, size and time of change. Nil for a pipe.
  var identity: String? {
    var found = stat()
    guard let path, stat(path, &found) == 0 else { return nil }
    return "\(path)\n\(found.st_size)\n\(found.st_mtim.tv_sec).\(found.st_mtim.tv_nsec)"
  }
}

extension MediaSource {
  /// What people keep sound in. In a folder, everything else is passed over.
  static let endings: Set<String> = [
    "3g2", "3gp", "aac", "ac3", "aif", "aifc", "aiff", "amr", "ape", "asf", "au", "avi", "caf", "dts", "flac",
    "flv", "gsm",
    "m2ts", "m4a", "m4b", "m4v", "mka", "mkv", "mov", "mp2", "mp3", "mp4", "mpeg", "mpg", "mts", "oga", "ogg",
    "ogv", "opus",
    "ra", "snd", "spx", "tta", "vob", "voc", "w64", "wav", "weba", "webm", "wma", "wmv", "wv",
  ]

  /// The files that `argument` means, from `folder`: itself; all media in it and below, if it is a folder; or what it
  /// matches as a pattern (glob(7)), if nothing is called so. Hidden files are passed over.
  ///
  /// - Throws: kind `missingAsset` when there is nothing.
  public static func files(_ argument: String, from folder: String) throws(DictationError) -> [MediaSource] {
    let path = argument.hasPrefix("/") ? argument : "\(folder)/\(argument)"
    var found = stat()
    if stat(path, &found) == 0 {
      guard found.st_mode & S_IFMT == S_IFDIR else { return [MediaSource(argument, path: path)] }
      return try media(in: path, called: argument)
    }
    let code = errno
    let matches =
      argument.contains(where: { "*?[".contains($0) })
      ? paths(matching: argument.hasPrefix("/") ? argument : "\(literal(folder))/\(argument)") : []
    guard !matches.isEmpty else {
      throw code == ENOENT || code == ENOTDIR
        ? DictationError(.missingAsset, "there is no such file")
        : DictationError(.storage, "it cannot be read: \(systemError(code))")
    }
    var sources: [MediaSource] = []
    for match in matches {
      let name = argument.hasPrefix("/") ? match : String(match.dropFirst(folder.count + 1))
      if stat(match, &found) == 0, found.st_mode & S_IFMT == S_IFDIR {
        sources += (try? media(in: match, called: name)) ?? []
      } else {
        sources.append(MediaSource(name, path: match))
      }
    }
    return sources
  }

  private static func media(in folder: String, called name: String) throws(DictationError) -> [MediaSource] {
    let name = name.hasSuffix("/") && name.count > 1 ? String(name.dropLast()) : name
    let places = media(in: folder, below: "")
    guard !places.isEmpty else {
      throw DictationError(.missingAsset, "there is no audio or video file in this folder")
    }
    return places.map { MediaSource("\(name)/\($0)", path: "\(folder)/\($0)", place: $0) }
  }

  private static func media(in folder: String, below place: String) -> [String] {
    var found = stat()
    return listFolder(folder).filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [String] in
      // lstat: a link to a folder above would never end. What cannot be looked at is told when it is opened.
      let isThere = lstat("\(folder)/\(name)", &found) == 0
      if isThere && found.st_mode & S_IFMT == S_IFDIR {
        return media(in: "\(folder)/\(name)", below: "\(place)\(name)/")
      }
      let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
      return endings.contains(ending) ? [place + name] : []
    }
  }

  /// `path` as a pattern that matches nothing else.
  private static func literal(_ path: String) -> String {
    String(path.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })
  }

  private static func paths(matching pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }
}

/// The name at the end of `path`.
func lastComponent(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
