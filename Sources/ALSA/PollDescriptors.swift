import CALSA
import Glibc

/// What a thread polls that waits for an open PCM: an interrupt first, then the device's own descriptors.
final class PollDescriptors {
  private let pcm: OpaquePointer
  private let entries: UnsafeMutableBufferPointer<pollfd>

  /// Room for the descriptors of `pcm`, which outlives this object.
  init(_ pcm: OpaquePointer) {
    self.pcm = pcm
    entries = .allocate(capacity: 1 + Int(max(0, snd_pcm_poll_descriptors_count(pcm))))
    entries.initialize(repeating: pollfd())
  }

  deinit { entries.deallocate() }

  /// Waits in poll(2), without an allocation, until the device has a period, or until `interrupt` is readable: then
  /// it returns true.
  func wait(orFor interrupt: Int32) -> Bool {
    let ofDevice = UnsafeMutableBufferPointer(rebasing: entries.dropFirst())
    entries[0] = pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0)
    snd_pcm_poll_descriptors(pcm, ofDevice.baseAddress, UInt32(ofDevice.count))
    poll(entries.baseAddress, nfds_t(entries.count), -1)
    // Plugins need to hear what poll(2) returned, to clear their own wake-ups.
    var events: UInt16 = 0
    snd_pcm_poll_descriptors_revents(pcm, ofDevice.baseAddress, UInt32(ofDevice.count), &events)
    return entries[0].revents != 0
  }
}
