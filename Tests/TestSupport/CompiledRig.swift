import Foundation

/// Compiles the C files of the folder `name` in Tests/Rigs into `product`, with these flags of gcc, unless that was
/// done since the last change. The path of what was made.
func compiledRig(_ name: String, into product: String, _ flags: [String]) throws -> String {
  let sources = rig(name)
  let files = try FileManager.default.contentsOfDirectory(atPath: sources).map { "\(sources)/\($0)" }
    .filter { $0.hasSuffix(".c") || $0.hasSuffix(".h") }
  let folder = URL(fileURLWithPath: rig("../../.build/rigs")).standardizedFileURL.path
  let path = "\(folder)/\(product)"
  if let built = modified(path), files.allSatisfy({ modified($0)! < built }) { return path }
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let unfinished = "\(path).\(getpid())"
  let compiler = try run(
    "gcc",
    ["-O1", "-Wall", "-Werror", "-o", unfinished] + files.filter { $0.hasSuffix(".c") } + flags)
  guard compiler.code == 0, rename(unfinished, path) == 0 else {
    throw CocoaError(.executableLoad, userInfo: ["compiler": compiler.errors])
  }
  return path
}

private func modified(_ path: String) -> Date? {
  try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
}
