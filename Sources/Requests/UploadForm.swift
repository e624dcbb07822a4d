internal import CCurl
import Glibc

/// A multipart body that curl reads from where the bytes are: a long recording is not copied for it.
final class UploadForm {
  let mime: OpaquePointer?
  private let readers: [Reader]

  /// One part, and how far it has been read.
  private final class Reader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }
  }

  /// A body of `parts` for the handle `easy`, which has to be cleaned up before this object goes.
  init(_ parts: [FormPart], _ easy: UnsafeMutableRawPointer) {
    mime = curl_mime_init(easy)
    readers = parts.map { Reader($0.data) }
    for (field, reader) in zip(parts, readers) {
      let part = curl_mime_addpart(mime)
      curl_mime_name(part, field.name)
      curl_mime_data_cb(
        part, reader.bytes.count, Self.read, Self.seek, nil, Unmanaged.passUnretained(reader).toOpaque())
      if let filename = field.filename { curl_mime_filename(part, filename) }
      if let type = field.contentType { curl_mime_type(part, type) }
    }
  }

  deinit { curl_mime_free(mime) }

  private static let read: curl_read_callback = { buffer, size, count, reader in
    let reader = Unmanaged<Reader>.fromOpaque(reader!).takeUnretainedValue()
    let length = min(size * count, reader.bytes.count - reader.position)
    let target = UnsafeMutableRawBufferPointer(start: buffer, count: length)
    reader.bytes.withUnsafeBytes {
      target.copyMemory(from: .init(rebasing: $0[reader.position...].prefix(length)))
    }
    reader.position += length
    return length
  }

  /// Curl goes back to the beginning when a kept-alive connection turns out to be closed.
  private static let seek: curl_seek_callback = { reader, offset, origin in
    let reader = Unmanaged<Reader>.fromOpaque(reader!).takeUnretainedValue()
    guard origin == SEEK_SET, (0...reader.bytes.count).contains(offset) else { return CURL_SEEKFUNC_CANTSEEK }
    reader.position = offset
    return CURL_SEEKFUNC_OK
  }
}
