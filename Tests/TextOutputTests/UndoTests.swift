import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextOutput

/// Taking an insertion back: all of it and nothing else, or nothing at all.
@Suite(.serialized) struct UndoTests {
  private let output = X11Output()

  static let windows: [TargetApplication] =
    [.gtk3, .qt5] + (Samples.isFullSize && TargetApplication.chromium.isInstalled ? [.chromium] : [])

  @Test(arguments: windows) func takesBackWhatWasInserted(_ application: TargetApplication) async throws {
    let display = try VirtualDisplay()
    let window = try display.start(application)
    defer { output.shutDown() }
    let (before, behind) = ("before é, ", " and behind")
    try await surround(window, before, behind, display)
    for method in [OutputMethod.type, .paste] {
      for (name, text) in Samples.all {
        _ = try await output.insert(text, by: method, on: display.address)
        let whole = before + text + behind
        #expect(window.text(awaiting: whole, within: 60) == whole, "\(name), \(method)")
        let outcome = await undo(on: display)
        #expect(outcome == .undone(characters: text.unicodeScalars.count, job: nil), "\(name), \(method)")
        #expect(window.text(awaiting: before + behind, within: 60) == before + behind, "\(name), \(method)")
      }
    }
  }

  private enum Outcome: Equatable {
    case undone(characters: Int, job: JobID?)
    case refused(String)
    case failed(String)
  }

  private func undo(on display: VirtualDisplay) async -> Outcome {
    do throws(DictationError) {
      switch try await output.undo(on: display.address) {
      case .undone(let characters, let job): return .undone(characters: characters, job: job)
      case .refused(let reason): return .refused(reason)
      }
    } catch {
      return .failed(error.message)
    }
  }

  /// Puts the cursor between two texts.
  private func surround(
    _ window: TargetWindow, _ before: String, _ behind: String, _ display: VirtualDisplay
  ) async throws {
    _ = try await output.insert(before + behind, by: .type, on: display.address)
    #expect(window.text(awaiting: before + behind, within: 60) == before + behind)
    for _ in behind { try display.tool("xdotool", ["key", "Left"], package: "xdotool") }
  }
}
