import Glibc

/// How long the WAV file `descriptor` says that it is, in milliseconds; nil: it is none, is compressed, or does not know.
///
/// libav goes by the bytes that are there. A recorder that lost its power leaves a header that tells what was to come
/// (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991).
func lengthTold(inWAV descriptor: Int32) -> Int? {
  guard let riff = bytes(descriptor, 12, at: 0), riff[..<4] == Array("RIFF".utf8)[...],
    riff[8...] == Array("WAVE".utf8)[...]
  else { return nil }
  var (place, bytesPerSecond) = (12, 0)
  for _ in 0..<mostChunks {
    guard let head = bytes(descriptor, 8, at: place) else { return nil }
    let size = number(head[4...])
    switch String(decoding: head[..<4], as: UTF8.self) {
    case "fmt ":
      guard size >= 16, let format = bytes(descriptor, 16, at: place + 8),
        [1, 3, 0xfffe].contains(number(format[..<2]))
      else { return nil }
      bytesPerSecond = number(format[8..<12])
    case "data":
      // What is written into a pipe says the most that it can.
      guard bytesPerSecond > 0, (1..<0x7fff_0000).contains(size) else { return nil }
      return size * 1000 / bytesPerSecond
    default: break
    }
    place += 8 + size + size % 2
  }
  return nil
}

/// No program writes so many before the sound.
private let mostChunks = 1000

private func bytes(_ descriptor: Int32, _ count: Int, at place: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  return pread(descriptor, &bytes, count, off_t(place)) == count ? bytes : nil
}

/// The little-endian number in `bytes`.
private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
