import Testing

@Suite struct AudioExportTests {}
