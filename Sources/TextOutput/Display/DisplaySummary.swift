import CX11
import DictationTypes

extension Connection {
  /// For example `X.Org 21.1.7 on :0, XTEST 2.2, layout us`.
  func summary() throws(DictationError) -> String {
    var (event, error, major, minor): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    XTestQueryExtension(display, &event, &error, &major, &minor)
    let rules = property(atoms.rulesNames, of: root)?.bytes ?? []
    _ = try keyboard()
    try checkJob()
    let layout = DisplaySummary.layout(rules)
    return
      "\(DisplaySummary.server(vendor: vendor, release: XVendorRelease(display))) on \(address.display), "
      + "XTEST \(major).\(minor), layout \(layout)"
  }

  private var vendor: String { XServerVendor(display).map { String(cString: $0) } ?? "an X server" }
}

/// How a display's properties are told to people.
enum DisplaySummary {
  /// The server's name and version. X.Org packs 21.1.7 as 12101007, and 1.20.14 as 12014000.
  static func server(vendor: String, release: Int32) -> String {
    guard vendor == "The X.Org Foundation" else { return "\(vendor) \(release)" }
    let parts = [release / 10_000_000, release / 100_000 % 100, release / 1000 % 100, release % 1000]
    let version = parts[1] < 21 ? [parts[0], parts[1], parts[2]] : [parts[1], parts[2], parts[3]]
    return "X.Org " + version.map { String($0) }.joined(separator: ".")
  }

  /// The layouts in `_XKB_RULES_NAMES`: five strings, each ended by a zero: rules, model, layout, variant, options.
  static func layout(_ rules: [UInt8]) -> String {
    let parts = rules.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    return parts.count > 2 && !parts[2].isEmpty ? parts[2] : "unknown"
  }
}
