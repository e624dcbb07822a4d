internal import CAV
import DictationTypes

/// What libav calls the error `code`.
func describe(_ code: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  av_strerror(code, &buffer, buffer.count)
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// What libav's error `code` means for a file: `sentence`, unless memory has run out.
func formatError(_ code: Int32, _ sentence: String) -> DictationError {
  let tooLarge = "it takes more memory than reading may have: it is damaged, or made to do harm"
  return DictationError(.format, code == av_error_no_memory ? tooLarge : sentence)
}
