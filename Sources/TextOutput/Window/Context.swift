import CX11
import DictationTypes

extension Connection {
  /// The most of a context that anybody gets, in characters (Unicode scalars). A model's time grows with it.
  static let contextLength = 4_000

  /// The text of `source`; nil when there is none, and when its owner has marked it as secret.
  func context(_ source: ContextSource) throws(DictationError) -> String? {
    let text =
      switch source {
      case .clipboard: try publicText(of: atoms.clipboard)
      case .selection: try publicText(of: atoms.primary)
      case .window: try focusedWindow().flatMap { title(of: $0.topLevel) }
      }
    guard let text, text.contains(where: { !$0.isWhitespace }) else { return nil }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.contextLength)))
  }

  private func publicText(of selection: Atom) throws(DictationError) -> String? {
    guard case .content(let content) = try SelectionReader.read([selection], self)[0] else { return nil }
    return [atoms.utf8, atoms.plainUTF8].lazy.compactMap { content[$0] }.first
      .map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// What the title bar says (Extended Window Manager Hints, `_NET_WM_NAME`).
  private func title(of window: Window) -> String? {
    property(XInternAtom(display, "_NET_WM_NAME", False), of: window)
      .map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
