import CX11

/// Owns the clipboard and the primary selection, and answers those who ask for them.
final class SelectionOwner {
  func handle(_ event: XEvent, on connection: Connection) {}
}
