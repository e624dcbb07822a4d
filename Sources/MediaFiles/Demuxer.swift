internal import CAV
import DictationTypes

/// Takes a file apart into packets, of which those of one audio track are wanted.
final class Demuxer {
  /// What comes next.
  enum Next {
    case packet(UnsafeMutablePointer<AVPacket>)
    case damaged
    case end
  }

  let information: MediaInformation
  private var context: UnsafeMutablePointer<AVFormatContext>?
  private var packet = av_packet_alloc()
  /// The streams that are audio tracks, in their order.
  private let streams: [Int32]
  private var stream: Int32 = -1

  /// Looks at what `input` gives, which lives as long as this does.
  init(_ input: MediaInput) throws(DictationError) {
    var context = avformat_alloc_context()
    context?.pointee.pb = input.context
    context?.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
    // Playlists and the like name other files, and addresses.
    context?.pointee.protocol_whitelist = av_strdup("")
    context?.pointee.io_open = { _, _, _, _, _ in av_error_input_output }
    var code = avformat_open_input(&context, nil, nil, nil)
    guard code >= 0 else {
      throw DictationError(.format, "this is no audio or video file: \(describe(code))")
    }
    // A picture is not decoded to learn what nobody asks for.
    Self.each(context) { stream in
      if stream.pointee.codecpar.pointee.codec_type != AVMEDIA_TYPE_AUDIO {
        stream.pointee.discard = AVDISCARD_ALL
      }
    }
    code = avformat_find_stream_info(context, nil)
    guard code >= 0, let found = context?.pointee else {
      avformat_close_input(&context)
      throw DictationError(.format, "this is no audio or video file: \(describe(code))")
    }
    var streams: [Int32] = []
    var tracks: [AudioTrack] = []
    Self.each(context) { stream in
      guard stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO else { return }
      tracks.append(AudioTrack(stream, index: tracks.count))
      streams.append(stream.pointee.index)
    }
    self.streams = streams
    self.context = context
    information = MediaInformation(
      container: String(cString: found.iformat.pointee.name),
      durationMs: found.duration == av_no_timestamp || found.duration <= 0 ? nil : Int(found.duration / 1000),
      tracks: tracks, tags: table(found.metadata))
  }

  deinit {
    av_packet_free(&packet)
    avformat_close_input(&context)
  }

  /// The audio track number `wanted`, else the one that players choose. All else is passed over from here on.
  ///
  /// - Throws: kind `format` when there is none, with those that there are.
  func choose(_ wanted: Int?) throws(DictationError) -> AudioTrack {
    let tracks = information.tracks
    guard !tracks.isEmpty else {
      throw DictationError(.format, "there is no audio track in it")
    }
    let index = wanted ?? tracks.firstIndex(where: \.isDefault) ?? 0
    guard tracks.indices.contains(index) else {
      let names = tracks.map(\.summary).joined(separator: "; ")
      throw DictationError(.format, "it has no audio track \(index + 1), but \(names)")
    }
    stream = streams[index]
    Self.each(context) { $0.pointee.discard = $0.pointee.index == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL }
    return tracks[index]
  }

  /// The stream of the audio track number `index`.
  func stream(of index: Int) -> UnsafeMutablePointer<AVStream> {
    context!.pointee.streams[Int(streams[index])]!
  }

  /// The next packet of the chosen track; to be given back by `release`.
  func next() -> Next {
    while true {
      let code = av_read_frame(context, packet)
      if code == av_error_invalid_data { return .damaged }
      guard code >= 0, let packet else { return .end }
      if packet.pointee.stream_index == stream { return .packet(packet) }
      av_packet_unref(packet)
    }
  }

  /// Has the packets from the last one on come that begins at `frame` or before, counted at `rate`. False when that is not
  /// possible.
  func seek(to frame: Int, rate: Int) -> Bool {
    let base = context!.pointee.streams[Int(stream)]!.pointee.time_base
    let time = av_rescale_q_rnd(Int64(frame), AVRational(num: 1, den: Int32(rate)), base, AV_ROUND_DOWN)
    return av_seek_frame(context, stream, time, AVSEEK_FLAG_BACKWARD) >= 0
  }

  /// Where `frame` begins, in frames at `rate`.
  func position(of frame: UnsafeMutablePointer<AVFrame>, rate: Int) -> Int {
    let base = context!.pointee.streams[Int(stream)]!.pointee.time_base
    return Int(av_rescale_q(frame.pointee.best_effort_timestamp, base, AVRational(num: 1, den: Int32(rate))))
  }

  func release(_ packet: UnsafeMutablePointer<AVPacket>) { av_packet_unref(packet) }

  private static func each(
    _ context: UnsafeMutablePointer<AVFormatContext>?, _ body: (UnsafeMutablePointer<AVStream>) -> Void
  ) {
    guard let context else { return }
    for index in 0..<Int(context.pointee.nb_streams) { body(context.pointee.streams[index]!) }
  }
}

extension AudioTrack {
  fileprivate init(_ stream: UnsafeMutablePointer<AVStream>, index: Int) {
    let parameters = stream.pointee.codecpar.pointee
    let tags = table(stream.pointee.metadata)
    self.index = index
    codec = String(cString: avcodec_get_name(parameters.codec_id))
    sampleRate = Int(parameters.sample_rate)
    channels = Int(parameters.ch_layout.nb_channels)
    language = tags["language"]
    title = tags["title"]
    isDefault = stream.pointee.disposition & AV_DISPOSITION_DEFAULT != 0
  }

  /// The track in a few words, counted from 1.
  fileprivate var summary: String {
    let more = [title, language, codec].compactMap(\.self).joined(separator: ", ")
    return "\(index + 1) (\(more))"
  }
}

/// A table of libav's.
private func table(_ dictionary: OpaquePointer?) -> [String: String] {
  var found: [String: String] = [:]
  var entry = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX)
  while let current = entry {
    found[String(cString: current.pointee.key).lowercased()] = String(cString: current.pointee.value)
    entry = av_dict_get(dictionary, "", current, AV_DICT_IGNORE_SUFFIX)
  }
  return found
}
