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

  /// What that program says when it asks the owner of the clipboard for `arguments`; it has ended.
  public func ask(_ arguments: String...) throws -> String {
    let process = try selectionRig(["ask"] + arguments)
    process.wait()
    return process.output
  }

  /// A program that owns the clipboard with a picture in many formats, until it is ended.
  public func pictureOwner() throws -> RunningProcess {
    let python = try Self.installed("python3", package: "python3")
    let process = try RunningProcess(python, [rig("targets/image.py")], environment: environment)
    guard process.waitForOutput("owns\n") else { throw RigError("no picture is owned: \(process.errors)") }
    return process
  }
}
