import Glibc

/// A place that thoth needs and cannot have: one sentence, with the way out.
public struct LocationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Where thoth keeps its files, by the XDG base directory specification. Nothing is written anywhere else.
public struct Locations: Sendable, Hashable {
  /// The folder of `config.toml`.
  public let configuration: String
  /// The folder of the engine and the library.
  public let data: String
  /// The folder of the spool and the log.
  public let state: String

  /// The places for the variables of `environment`; `home` stands in for unset ones.
  /// Relative paths are ignored, as the specification demands.
  public init(environment: [String: String], home: String) {
    func base(_ variable: String, _ standard: String) -> String {
      guard let value = environment[variable], value.hasPrefix("/") else { return "\(home)/\(standard)" }
      return value
    }
    configuration = base("XDG_CONFIG_HOME", ".config") + "/thoth"
    data = base("XDG_DATA_HOME", ".local/share") + "/thoth"
    state = base("XDG_STATE_HOME", ".local/state") + "/thoth"
  }

  /// The settings file.
  public var configurationFile: String { configuration + "/config.toml" }
  /// The user's own words.
  public var dictionary: String { configuration + "/dictionary.csv" }
  /// The folder of the user's own prompts.
  public var prompts: String { configuration + "/prompts" }
  /// How often the names in it were said, and how lately.
  public var termUses: String { state + "/terms.csv" }
  /// The folder of recordings on their way.
  public var spool: String { state + "/spool" }
  /// What the daemon writes to its standard error.
  public var log: String { state + "/thothd.log" }
  /// The folder of the embedded engine: its Python environment and its models.
  public var engine: String { data + "/engine" }
}

/// The folder of the control socket: `thoth` in the user's runtime folder, 0700 and the user's own.
///
/// With XDG_RUNTIME_DIR unset it is in `/run/user/UID` if that is the user's, else a folder of its own in
/// `/tmp`.
///
/// - Throws: `LocationError` when the folder is missing, somebody else's, or open to others.
public func runtimeFolder(environment: [String: String]) throws(LocationError) -> String {
  let user = getuid()
  if let named = environment["XDG_RUNTIME_DIR"], !named.isEmpty {
    guard named.hasPrefix("/") else {
      throw LocationError(
        "XDG_RUNTIME_DIR is \"\(named)\", which is no absolute path: set it right, or unset it")
    }
    try check(folder: named, owner: user, calledBy: "XDG_RUNTIME_DIR names")
    return try makePrivate(named + "/thoth", owner: user)
  }
  let standard = "/run/user/\(user)"
  if status(of: standard)?.st_uid == user { return try makePrivate(standard + "/thoth", owner: user) }
  return try makePrivate("/tmp/thoth-\(user)", owner: user)
}

/// Makes `path` and the folders above it, each new one with `mode`, whatever this process's umask is.
///
/// - Throws: `LocationError` when that is refused.
public func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(LocationError) {
  if status(of: path) != nil { return }
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try makeFolder(String(path[..<slash]), mode: mode)
  }
  let isMade = mkdir(path, mode) == 0
  if isMade { chmod(path, mode) }
  guard isMade || errno == EEXIST else {
    throw LocationError("the folder \(path) cannot be made: \(systemError()). Make it, or change its owner")
  }
}

private func makePrivate(_ path: String, owner: uid_t) throws(LocationError) -> String {
  guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
    throw LocationError("the runtime folder \(path) cannot be made: \(systemError())")
  }
  try check(folder: path, owner: owner, calledBy: "the runtime folder is")
  guard let mode = status(of: path)?.st_mode, mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
    throw LocationError("the runtime folder \(path) is open to others: `chmod 700 \(path)` closes it")
  }
  return path
}

private func check(folder path: String, owner: uid_t, calledBy: String) throws(LocationError) {
  guard let found = status(of: path) else {
    throw LocationError("\(calledBy) \(path), which does not exist: make it (0700), or unset XDG_RUNTIME_DIR")
  }
  guard found.st_mode & S_IFMT == S_IFDIR else {
    throw LocationError("\(calledBy) \(path), which is no folder: set XDG_RUNTIME_DIR to one that is yours")
  }
  guard found.st_uid == owner else {
    throw LocationError(
      "\(calledBy) \(path), which belongs to user \(found.st_uid): set XDG_RUNTIME_DIR to a folder that is yours"
    )
  }
}

/// lstat(2): a link in somebody else's hand is not followed.
private func status(of path: String) -> stat? {
  var found = stat()
  return lstat(path, &found) == 0 ? found : nil
}

/// The folder of the embedded engine's application: THOTH_ENGINE_APP, or beside the running executable as
/// installed (`PREFIX/bin` and `PREFIX/share/thoth/engine`), or as built (`.build/…` and `scripts/engine`).
public func engineApplication(_ environment: [String: String]) -> String? {
  if let named = environment["THOTH_ENGINE_APP"], !named.isEmpty { return named }
  var folder = executableFolder()
  var candidates = [folder + "/../share/thoth/engine"]
  while let slash = folder.lastIndex(of: "/") {
    candidates.append("\(folder)/scripts/engine")
    folder = String(folder[..<slash])
  }
  return firstExisting(candidates.map { $0 + "/server.py" }).map { String($0.dropLast("/server.py".count)) }
}
