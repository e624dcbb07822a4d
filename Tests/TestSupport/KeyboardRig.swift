extension VirtualDisplay {
  /// The state of the keyboard as one line, after `commands` were carried out: locks, latches, groups, controls, the
  /// keys that are down (Tests/Rigs/keyboard).
  @discardableResult
  public func keyboard(_ commands: String...) throws -> String { try keyboard(commands) }

  /// The same for a list.
  @discardableResult
  public func keyboard(_ commands: [String]) throws -> String {
    let path = try compiledRig("keyboard", into: "keyboard", ["-lX11", "-lXtst"])
    let result = try run(path, commands, environment: environment)
    guard result.code == 0 else { throw RigError("keyboard \(commands) failed: \(result.errors)") }
    return result.output
  }
}
