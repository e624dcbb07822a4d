import Testing

@Suite struct MediaFilesTests {}
