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

  /// Formats that name other files or addresses instead of holding sound.
  private static let playlists: Set<String> = [
    "hls", "concat", "dash", "webm_dash_manifest", "sdp", "rtsp", "rtp", "imf",
  ]

  let information: MediaInformation
  private var context: UnsafeMutablePointer<AVFormatContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  /// The streams that are audio tracks, in their order.
  private let streams: [Int32]
  private var stream: Int32 = -1

  /// Looks at what `input` gives, which lives as long as this does.
  init(_ input: MediaInput) throws(DictationError) {
    var format: UnsafePointer<AVInputFormat>?
    var code = av_probe_input_buffer2(input.context, &format, "", nil, 0, 0)
    if let failure = input.failure { throw MediaInput.unreadable(failure) }
    guard code >= 0, let format else {
      throw DictationError(.format, "this is no audio or video file")
    }
    let name = String(cString: format.pointee.name)
    guard name.split(separator: ",").allSatisfy({ !Self.playlists.contains(String($0)) }) else {
      throw DictationError(
        .format, "this is a list of other files or addresses (\(name)): name what is in it")
    }
    var context = avformat_alloc_context()
    context?.pointee.pb = input.context
    context?.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
    // A file may name others in passing, and addresses.
    context?.pointee.protocol_whitelist = av_strdup("")
    context?.pointee.io_open = { _, _, _, _, _ in av_error_input_output }
    // A picture is not decoded to learn what nobody asks for.
    context?.pointee.codec_whitelist = av_strdup(audioDecoders)
    code = avformat_open_input(&context, nil, format, nil)
    if code >= 0 { code = avformat_find_stream_info(context, nil) }
    guard code >= 0, let found = context?.pointee else {
      avformat_close_input(&context)
      if let failure = input.failure { throw MediaInput.unreadable(failure) }
      throw formatError(
        code, "this file (\(name)) cannot be understood: it is damaged, or was not written to its end")
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
    packet = av_packet_alloc()
    let duration = found.duration == av_no_timestamp || found.duration <= 0 ? nil : Int(found.duration / 1000)
    information = MediaInformation(
      container: name, durationMs: duration, tracks: tracks, tags: table(found.metadata))
  }

  deinit {
    av_packet_free(&packet)
    avformat_close_input(&context)
  }

  /// The audio track number `wanted`, else the one that players choose. All else is passed over from here on.
  ///
  /// - Throws: kind `format` when there is none, with those that there are; or when it is encrypted.
  func choose(_ wanted: Int?) throws(DictationError) -> AudioTrack {
    let tracks = information.tracks
    guard !tracks.isEmpty else {
      throw DictationError(.format, "there is no audio track in it (\(information.container))")
    }
    let index = wanted ?? tracks.firstIndex(where: \.isDefault) ?? 0
    guard tracks.indices.contains(index) else {
      let names = tracks.map(\.summary).joined(separator: "; ")
      throw DictationError(.format, "it has no audio track \(index + 1), but \(names)")
    }
    stream = streams[index]
    Self.each(context) { $0.pointee.discard = $0.pointee.index == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL }
    if av_stream_get_side_data(self.stream(of: index), AV_PKT_DATA_ENCRYPTION_INIT_INFO, nil) != nil {
      throw Self.encrypted
    }
    return tracks[index]
  }

  /// The stream of the audio track number `index`.
  func stream(of index: Int) -> UnsafeMutablePointer<AVStream> {
    context!.pointee.streams[Int(streams[index])]!
  }

  /// How long the chosen track says that it is, in milliseconds; nil: it does not, or what it says is a guess.
  var toldMs: Int? {
    guard let context, context.pointee.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE else {
      return nil
    }
    let stream = context.pointee.streams[Int(stream)]!.pointee
    if stream.duration != av_no_timestamp, stream.duration > 0 {
      return Int(av_rescale_q(stream.duration, stream.time_base, AVRational(num: 1, den: 1000)))
    }
    // The length of all may be that of a picture.
    return context.pointee.nb_streams == 1 ? information.durationMs : nil
  }

  /// The next packet of the chosen track; to be given back by `release`.
  ///
  /// - Throws: kind `format` when it is encrypted.
  func next() throws(DictationError) -> Next {
    while true {
      let code = av_read_frame(context, packet)
      if code == av_error_end_of_file || code == av_error_input_output { return .end }
      guard code >= 0, let packet else { return .damaged }
      guard packet.pointee.stream_index == stream else {
        av_packet_unref(packet)
        continue
      }
      if av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, nil) != nil { throw Self.encrypted }
      return .packet(packet)
    }
  }

  func release(_ packet: UnsafeMutablePointer<AVPacket>) { av_packet_unref(packet) }

  /// Goes to the last packet that begins at `timestamp` or before, in the track's time base. False when that fails.
  func seek(to timestamp: Int64) -> Bool {
    av_seek_frame(context, stream, timestamp, Int32(AVSEEK_FLAG_BACKWARD)) >= 0
  }

  private static let encrypted = DictationError(
    .format, "its audio is encrypted (DRM): only the player that it was made for can play it")

  private static func each(
    _ context: UnsafeMutablePointer<AVFormatContext>?, _ body: (UnsafeMutablePointer<AVStream>) -> Void
  ) {
    guard let context else { return }
    for index in 0..<Int(context.pointee.nb_streams) { body(context.pointee.streams[index]!) }
  }
}

/// The names of all decoders of sound, as libav wants them.
private let audioDecoders: String = {
  var names: [String] = []
  var state: UnsafeMutableRawPointer?
  while let codec = av_codec_iterate(&state) {
    guard codec.pointee.type == AVMEDIA_TYPE_AUDIO, av_codec_is_decoder(codec) != 0 else { continue }
    names.append(String(cString: codec.pointee.name))
  }
  return names.joined(separator: ",")
}()

extension AudioTrack {
  fileprivate init(_ stream: UnsafeMutablePointer<AVStream>, index: Int) {
    let parameters = stream.pointee.codecpar.pointee
    let tags = table(stream.pointee.metadata)
    self.index = index
    codec = String(cString: avcodec_get_name(parameters.codec_id))
    sampleRate = Int(parameters.sample_rate)
    channels = Int(parameters.ch_layout.nb_channels)
    // "und": not said (ISO 639-2).
    language = tags["language"].flatMap { $0 == "und" ? nil : $0 }
    title = tags["title"]
    isDefault = stream.pointee.disposition & AV_DISPOSITION_DEFAULT != 0
  }

  /// The track in a few words, counted from 1.
  fileprivate var summary: String {
    let more = [title, language, codec].compactMap(\.self).joined(separator: ", ")
    return "\(index + 1) (\(more))"
  }
}

/// A table of libav's. Texts of many pages are cut: a label is a line.
private func table(_ dictionary: OpaquePointer?) -> [String: String] {
  let longest = 1000
  var found: [String: String] = [:]
  var entry = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX)
  while let current = entry, found.count < 100 {
    found[String(cString: current.pointee.key).lowercased()] = String(
      String(cString: current.pointee.value).unicodeScalars.prefix(longest))
    entry = av_dict_get(dictionary, "", current, AV_DICT_IGNORE_SUFFIX)
  }
  return found
}
