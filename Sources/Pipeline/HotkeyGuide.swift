import DictationTypes
import TextOutput

/// Ready bindings for the window manager that runs.
public struct HotkeyGuide: Sendable, Encodable {
  /// One binding.
  public struct Entry: Sendable, Encodable {
    /// What it is for: `toggle`, `push_to_talk`, `cancel` or `undo`.
    let action: String
    /// The proposed key, for example `super+d`.
    let key: String
    /// Whether nobody has grabbed that key yet; nil where that cannot be found out.
    let isFree: Bool?
    /// The keys before it that are grabbed by another program.
    let taken: [String]
    /// What goes into the window manager's file, or is run.
    let binding: String
  }

  /// The window manager or desktop, as it calls itself; nil when it tells no name.
  let windowManager: String?
  /// Where the bindings belong, as the beginning of a sentence.
  let place: String
  /// The bindings.
  let bindings: [Entry]

  /// The guide for people.
  public var text: String {
    var lines = ["\(windowManager ?? "an unknown window manager"): \(place)"]
    for entry in bindings {
      let taken = entry.taken.isEmpty ? "" : "; another program has \(entry.taken.joined(separator: ", "))"
      let state =
        switch entry.isFree {
        case true?: " is free"
        case false?: " is grabbed by another program, as all the others: choose one yourself"
        case nil: " (whether it is free cannot be told here)"
        }
      let title = entry.action.replacing("_", with: " ")
      lines += ["", "# \(title): \(entry.key)\(state)\(taken)", entry.binding]
    }
    return lines.joined(separator: "\n")
  }
}

extension Hotkeys {
  /// Bindings for the window manager of `client`.
  ///
  /// - Throws: `CommandFailure` 7 when there is no desktop, or its display does not answer.
  public func guide(_ client: ClientContext) async throws(CommandFailure) -> HotkeyGuide {
    let desktop = client.environment["XDG_CURRENT_DESKTOP"]
    // XWayland knows nothing of the keys that the compositor binds.
    if client.isWayland {
      return HotkeyGuide(desktop, BindingStyle(desktop ?? "", isWayland: true), free: nil)
    }
    guard let display = client.display else {
      throw CommandFailure(
        .outputFailed, "there is no X display (DISPLAY is not set): run thoth in the desktop session")
    }
    do throws(DictationError) {
      let candidates = HotkeyAction.allCases.flatMap(\.candidates)
      let (manager, free) = try await self.display.hotkeys(candidates, on: display)
      let style = BindingStyle("\(manager ?? "") \(desktop ?? "")", isWayland: false)
      return HotkeyGuide(manager, style, free: free)
    } catch {
      throw CommandFailure(error)
    }
  }
}

extension HotkeyGuide {
  fileprivate init(_ windowManager: String?, _ style: BindingStyle, free: Set<Hotkey>?) {
    self.windowManager = windowManager
    place = style.place
    // Without a display to ask, it is Wayland.
    let actions = HotkeyAction.allCases.filter { free != nil || style.bindsRelease || $0 != .pushToTalk }
    bindings = actions.map { action in
      let candidates = action.candidates
      let index = free.flatMap { free in candidates.firstIndex(where: free.contains) }
      let taken = free == nil ? [] : candidates[..<(index ?? candidates.count)].map(\.name)
      let key = candidates[index ?? 0]
      return Entry(
        action: action.rawValue, key: key.name, isFree: free == nil ? nil : index != nil, taken: taken,
        binding: style.binding(key, action))
    }
  }
}

/// What keys are bound to.
enum HotkeyAction: String, CaseIterable {
  case toggle
  case pushToTalk = "push_to_talk"
  case cancel
  case undo

  /// The keys that are tried, the best first.
  var candidates: [Hotkey] {
    let (letter, function): (String, String)
    switch self {
    case .toggle: (letter, function) = ("d", "F9")
    case .pushToTalk: (letter, function) = ("space", "F10")
    case .cancel: (letter, function) = ("c", "F11")
    case .undo: (letter, function) = ("z", "F12")
    }
    return [
      Hotkey([.super], letter), Hotkey([.super], function), Hotkey([.control, .alt], letter),
      Hotkey([.control, .super], letter), Hotkey([.control, .super], function),
    ]
  }

  /// The command that is run when the key goes down.
  var command: String { self == .pushToTalk ? "thoth record --hold" : "thoth \(rawValue)" }
}
