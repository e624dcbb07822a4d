import CX11

/// Tells whether a key or button reached an application since something was inserted.
///
/// A hotkey did not: the press that activates a grab goes to whoever grabbed it, and takes the keyboard from the
/// focused window for that time. The modifiers that are held for it do nothing either. A modifier that is tapped by
/// itself counts, since Alt opens a menu and Super may do so.
struct PressTracker {
  /// What a person did.
  enum Disturbance: String {
    case key = "a key was pressed since"
    case button = "a pointer button was pressed since"
  }

  /// How long after a press the window tells that it was a hotkey, at most, in milliseconds. The server does both at
  /// once; its clock may go on in between.
  private static let grabDelay: Time = 20

  /// The keys that are modifiers.
  let modifiers: Set<UInt8>
  /// The keyboards whose keys are nobody's while thoth types.
  let synthetic: Set<Int32>
  /// Whether thoth types.
  var isTyping = false

  private var disturbance: Disturbance?
  /// A press of which is not known yet whether it is a hotkey, and when it was.
  private var pending: Time?
  /// The modifiers that were pressed, and have not been part of a hotkey yet.
  private var loose: Set<UInt8> = []
  private var isGrabbed = false

  /// A tracker that has seen nothing.
  init(modifiers: Set<UInt8>, synthetic: Set<Int32>) {
    self.modifiers = modifiers
    self.synthetic = synthetic
  }

  /// Whether more events can change nothing.
  var isDecided: Bool { disturbance != nil }

  /// What was pressed, as far as the events so far tell.
  var found: Disturbance? { disturbance ?? (pending == nil ? nil : .key) }

  /// Takes the next event.
  mutating func note(_ event: InputEvent) {
    switch event {
    case .keyPress(let key, let device, let time): if !isOwn(device) { press(key, time) }
    case .keyRelease(let key, let device):
      if !isOwn(device), loose.remove(key) != nil { disturb(.key) }
    case .buttonPress: disturb(.button)
    case .hotkeyTaken(let time):
      if let pending, time &- pending > Self.grabDelay { disturb(.key) }
      (pending, loose, isGrabbed) = (nil, [], true)
    case .grabEnded, .focusChanged: isGrabbed = false
    }
  }

  private mutating func press(_ key: UInt8, _ time: Time) {
    if pending != nil { disturb(.key) }
    if isGrabbed { return }
    if modifiers.contains(key) { loose.insert(key) } else { pending = time }
  }

  private mutating func disturb(_ what: Disturbance) { if disturbance == nil { disturbance = what } }

  private func isOwn(_ device: Int32) -> Bool { isTyping && synthetic.contains(device) }
}
