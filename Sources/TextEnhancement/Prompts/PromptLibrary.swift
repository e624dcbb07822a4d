import Linux

/// The prompts: those that thoth brings, and the files of a folder, which come first. A file is read each time it is
/// used.
public struct PromptLibrary: Sendable {
  /// The folder of the user's own, `NAME.md` each.
  public let folder: String

  /// The prompts of `folder`, which need not be there, and the built-in ones.
  public init(folder: String) { self.folder = folder }

  /// The names, sorted.
  public var names: [String] {
    let own = listFolder(folder).filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }.map {
      String($0.dropLast(3))
    }
    return Set(own + builtInPrompts.keys).sorted()
  }

  /// The prompt called `name`.
  ///
  /// - Throws: `PromptProblem` when there is none, and when its file has a mistake.
  public func prompt(named name: String) throws(PromptProblem) -> Prompt {
    let text = try source(of: name)
    do throws(PromptProblem) { return try Prompt(name: name, file: text) } catch {
      throw PromptProblem("\(path(of: name)), \(error.message)")
    }
  }

  /// The text of the file called `name`, or what stands for it: a beginning for one's own.
  ///
  /// - Throws: `PromptProblem` when there is none, and when it cannot be read.
  public func source(of name: String) throws(PromptProblem) -> String {
    if !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), listFolder(folder).contains(name + ".md") {
      guard let bytes = readFile(path(of: name), isPlain: true, mayBeLinked: true) else {
        throw PromptProblem("\(path(of: name)) cannot be read: \(systemError()). It has to be a plain file")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw PromptProblem("\(path(of: name)) is not UTF-8: save it as UTF-8")
      }
      return text
    }
    guard let text = builtInPrompts[name] else {
      throw PromptProblem("there is no prompt \"\(name)\": `thoth enhance --list` names them")
    }
    return text
  }

  private func path(of name: String) -> String { "\(folder)/\(name).md" }
}
