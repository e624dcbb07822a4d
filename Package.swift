// swift-tools-version: 6.3
import PackageDescription

/// The one settings list: every Swift target is built with it.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

let package = Package(
  name: "thoth",
  products: [
    .executable(name: "thoth", targets: ["thoth"]),
    .executable(name: "thothd", targets: ["thothd"]),
    .executable(name: "thoth-media", targets: ["thoth-media"]),
  ],
  targets: [
    // C boundaries. Each has one Swift importer.
    .target(name: "CLinux"),
    .systemLibrary(name: "CALSA", pkgConfig: "alsa"),
    .systemLibrary(name: "CSoxr", pkgConfig: "soxr"),
    .systemLibrary(name: "CVAD"),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
    .systemLibrary(name: "CX11", pkgConfig: "xtst xi xres xau xkbcommon x11"),
    .target(name: "CTOML"),
    .target(name: "CPulse"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
    .systemLibrary(name: "CFLAC", pkgConfig: "flac"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CAV", pkgConfig: "libavformat libavcodec libswresample libavutil"),
    .systemLibrary(name: "CLoudness", pkgConfig: "libebur128"),

    // What every stage knows.
    module("DictationTypes"),
    module("Linux", ["CLinux"]),
    module("TaskThreads", ["Linux"]),
    module("Crypto", ["CCrypto"]),

    // The way of the voice, in its order.
    module("ALSA", ["DictationTypes", "CALSA"]),
    module("AudioCapture", ["DictationTypes", "Linux", "ALSA"]),
    module("SoundServer", ["Linux", "CPulse"]),
    module("AudioPlayback", ["DictationTypes", "Linux", "ALSA"]),
    module("AudioProcessing", ["DictationTypes", "CSoxr"]),
    module("AudioFiles", ["DictationTypes", "Linux", "CFLAC"]),
    module("AudioSegmentation", ["DictationTypes", "Linux", "AudioFiles", "CVAD"]),
    module("Requests", ["DictationTypes", "Linux", "Crypto", "CCurl"]),
    module("SpeechRecognition", ["DictationTypes", "Linux", "AudioFiles", "Requests"]),
    module("TextFilter", ["DictationTypes"]),
    module("Words", ["DictationTypes", "Linux", "TextFilter"]),
    module("TextEnhancement", ["DictationTypes", "Linux", "Requests"]),
    module("TextOutput", ["DictationTypes", "Linux", "CX11"]),

    // What is kept.
    module("Library", ["DictationTypes", "Linux", "Crypto", "AudioFiles", "CSQLite"]),

    // Files in, files out. What links libav is the helper alone: neither client nor daemon does.
    module("Captions", ["DictationTypes"]),
    module("AudioExport", ["DictationTypes"]),
    module("MediaFiles", ["DictationTypes", "Linux", "CAV", "CLoudness"]),

    // What joins and drives them.
    module("Configuration", ["DictationTypes", "Linux", "CTOML"]),
    module("CommandLine"),
    module(
      "Pipeline",
      [
        "DictationTypes", "Linux", "AudioFiles", "AudioCapture", "AudioPlayback", "SoundServer",
        "AudioProcessing", "AudioSegmentation", "Requests", "SpeechRecognition", "TextFilter", "Words",
        "TextEnhancement", "TextOutput", "Library", "Captions", "AudioExport", "Configuration",
      ]),
    module(
      "ControlSocket",
      [
        "DictationTypes", "Linux", "AudioFiles", "AudioPlayback", "AudioProcessing", "CommandLine",
        "Configuration", "Requests", "SpeechRecognition", "Library", "Words", "Captions", "AudioExport",
        "TextEnhancement", "TextOutput", "Pipeline",
      ]),

    // The client is one static file that starts in about a millisecond. Sanitizers cannot link statically.
    .executableTarget(
      name: "thoth", dependencies: ["CommandLine", "Linux"], swiftSettings: settings,
      linkerSettings: [.unsafeFlags(["-static-executable"], .when(configuration: .release))]),
    .executableTarget(
      name: "thothd",
      dependencies: [
        "DictationTypes", "Linux", "TaskThreads", "ALSA", "TextOutput", "Library", "Configuration", "Words",
        "Pipeline",
        "ControlSocket",
      ],
      swiftSettings: settings),

    .executableTarget(
      name: "thoth-media",
      dependencies: ["DictationTypes", "Linux", "Captions", "AudioExport", "MediaFiles"],
      swiftSettings: settings),

    // What the tests and the measurements use.
    .executableTarget(
      name: "segmentprobe",
      dependencies: ["DictationTypes", "AudioFiles", "AudioSegmentation", "SpeechRecognition"],
      path: "Tests/Rigs/segmentprobe", swiftSettings: settings),
    .executableTarget(
      name: "vadframes", dependencies: ["AudioSegmentation"], path: "Tests/Rigs/vadframes",
      swiftSettings: settings),
    .executableTarget(
      name: "requestdriver", dependencies: ["Requests", "DictationTypes", "Linux"],
      path: "Tests/Rigs/requestdriver", swiftSettings: settings),
    .executableTarget(
      name: "inserter", dependencies: ["TextOutput", "DictationTypes", "Linux"], path: "Tests/Rigs/inserter",
      swiftSettings: settings),
    .executableTarget(
      name: "textfilter", dependencies: ["TextFilter", "DictationTypes", "Linux", "Words"],
      path: "Tests/Rigs/textfilter",
      swiftSettings: settings),
    .target(name: "CFaultVFS", dependencies: ["CSQLite"], path: "Tests/Rigs/faultvfs"),
    .target(name: "TestSupport", dependencies: ["Linux"], path: "Tests/TestSupport", swiftSettings: settings),

    tests("DictationTypesTests", ["DictationTypes"]),
    tests("LinuxTests", ["Linux"]),
    tests("TaskThreadsTests", ["TaskThreads", "Linux"]),
    tests("CryptoTests", ["Crypto"]),
    tests("AudioSegmentationTests", ["AudioSegmentation", "AudioFiles", "DictationTypes", "Linux"]),
    tests("AudioFilesTests", ["AudioFiles", "DictationTypes"]),
    tests("RequestsTests", ["Requests", "DictationTypes", "Linux"]),
    tests(
      "SpeechRecognitionTests",
      ["SpeechRecognition", "AudioFiles", "Requests", "DictationTypes", "Linux"]),
    tests("TextFilterTests", ["TextFilter", "DictationTypes"]),
    tests("TextEnhancementTests", ["TextEnhancement", "Requests", "DictationTypes", "Linux"]),
    tests("WordsTests", ["Words", "TextFilter", "DictationTypes", "Linux"]),
    tests("CommandLineTests", ["CommandLine"]),
    tests("ConfigurationTests", ["Configuration", "DictationTypes"]),
    tests(
      "PipelineTests",
      [
        "Pipeline", "AudioFiles", "AudioSegmentation", "DictationTypes", "Library", "Linux", "Configuration",
        "Requests", "SpeechRecognition", "TextEnhancement", "TextOutput", "Words",
      ]),
    tests(
      "PipelineFilesTests",
      ["Pipeline", "AudioFiles", "AudioSegmentation", "DictationTypes", "Linux", "SpeechRecognition"]),
    tests(
      "ControlSocketTests",
      ["ControlSocket", "CommandLine", "DictationTypes", "Linux", "Pipeline", "TextOutput"]),
    tests("EndToEndTests", ["thoth", "thothd", "thoth-media", "Library", "DictationTypes"]),
    tests("TextOutputTests", ["TextOutput", "DictationTypes", "Linux"]),
    tests("AudioCaptureTests", ["AudioCapture", "DictationTypes", "Linux"]),
    tests("SoundServerTests", ["SoundServer", "Linux"]),
    tests("AudioPlaybackTests", ["AudioPlayback", "AudioCapture", "DictationTypes", "Linux"]),
    tests(
      "AudioProcessingTests",
      ["AudioProcessing", "AudioPlayback", "AudioSegmentation", "DictationTypes", "CSoxr"]),
    tests("CaptionsTests", ["Captions", "DictationTypes"]),
    tests("AudioExportTests", ["AudioExport", "DictationTypes"]),
    tests("MediaFilesTests", ["MediaFiles", "DictationTypes", "Linux", "thoth-media"]),
    tests("LibraryTests", ["Library", "AudioFiles", "DictationTypes", "Linux", "CFaultVFS"]),
  ],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .cxx20
)
