import Foundation

extension VirtualDisplay {
  /// A program that owns, reads or manages selections as `arguments` say (Tests/Rigs/selections); it has said
  /// `greeting`.
  public func selectionRig(_ arguments: [String], until greeting: String? = nil) throws -> RunningProcess {
    let program = try compiledRig("selections", into: "selections", ["-lX11", "-lXfixes"])
    let process = try RunningProcess(program, arguments, environment: environment)
    if let greeting, !process.waitForOutput(greeting + "\n") {
      throw RigError("selections \(arguments.joined(separator: " ")) did not start: \(process.errors)")
    }
    return process
  }
}
