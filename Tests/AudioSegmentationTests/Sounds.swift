import DictationTypes
import Foundation
import TestSupport

/// Sounds that are made, and recordings of people, at 16 kHz.
enum Sounds {
  /// The recording `name`, louder by `decibels`.
  static func recorded(_ name: String, decibels: Double = 0) throws -> [Int16] {
    guard let wav = FileManager.default.contents(atPath: recording(name)) else {
      throw CocoaError(.fileReadNoSuchFile)
    }
    let gain = pow(10, decibels / 20)
    return wav.dropFirst(44).withUnsafeBytes { bytes in
      bytes.bindMemory(to: Int16.self).map { clamped(Double($0) * gain) }
    }
  }

  /// `seconds` of a noise that nobody makes by speaking, at `decibels` of full scale (RMS).
  static func steady(_ kind: Kind, decibels: Double, seconds: Double, seed: UInt64 = 1) -> [Int16] {
    var generator = SplitMix(seed: seed)
    var slow = 0.0
    let raw = (0..<Int(seconds * Double(AudioFormat.speech.sampleRate))).map { index in
      let time = Double(index) / Double(AudioFormat.speech.sampleRate)
      let white = Double.random(in: -1...1, using: &generator)
      slow = 0.97 * slow + 0.03 * white
      return switch kind {
      case .white: white
      case .low: slow + 0.02 * white
      case .hum: sin(2 * .pi * 50 * time) + 0.5 * sin(2 * .pi * 150 * time) + 0.02 * white
      case .tone: sin(2 * .pi * 440 * time)
      case .constant: 1.0
      case .zero: 0.0
      }
    }
    let power = raw.reduce(0) { $0 + $1 * $1 } / Double(raw.count)
    let gain = power > 0 ? 32_768 * pow(10, decibels / 20) / power.squareRoot() : 0
    return raw.map { clamped($0 * gain) }
  }

  /// What `steady` makes: `low` is noise that falls with the frequency, as that of fans and streets does.
  enum Kind: CaseIterable { case white, low, hum, tone, constant, zero }

  /// Both at once; the shorter one is repeated.
  static func mixed(_ sound: [Int16], _ noise: [Int16]) -> [Int16] {
    sound.indices.map { clamped(Double(sound[$0]) + Double(noise[$0 % noise.count])) }
  }

  private static func clamped(_ value: Double) -> Int16 { Int16(min(max(value.rounded(), -32_768), 32_767)) }
}
