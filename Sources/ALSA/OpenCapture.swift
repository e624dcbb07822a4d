import CALSA
import Glibc

/// Opens the PCM called `device` for capture, in non-blocking mode; 0 or a negative error number, as
/// `snd_pcm_open`.
///
/// `pulse:SOURCE` is a source of the sound server. A configuration whose PCM `pulse` takes no argument, or that has
/// none of that name, does not keep it from being opened.
func openCapture(_ device: String, _ pcm: inout OpaquePointer?) -> Int32 {
  let (stream, mode) = (SND_PCM_STREAM_CAPTURE, Int32(SND_PCM_NONBLOCK))
  guard let source = unnamedSource(device) else { return snd_pcm_open(&pcm, device, stream, mode) }
  var definition: OpaquePointer?
  let quoted = source.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
  let result = snd_config_load_string(
    &definition, "pcm.thoth_source { type pulse\n device \"\(quoted)\" }", 0)
  guard result >= 0, let definition else { return min(result, -EINVAL) }
  defer { snd_config_delete(definition) }
  return snd_pcm_open_lconf(&pcm, "thoth_source", stream, mode, definition)
}

/// The SOURCE of `pulse:SOURCE` that the configuration itself cannot open; nil for all else.
private func unnamedSource(_ device: String) -> String? {
  let prefix = "pulse:"
  guard device.hasPrefix(prefix), device.count > prefix.count else { return nil }
  var top: OpaquePointer?
  guard snd_config_update_ref(&top) >= 0, let top else { return nil }
  defer { snd_config_unref(top) }
  if snd_config_search(top, "pcm.pulse.@args", nil) >= 0 { return nil }
  return String(device.dropFirst(prefix.count))
}
