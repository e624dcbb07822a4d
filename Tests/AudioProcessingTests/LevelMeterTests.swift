import AudioProcessing
import DictationTypes
import Testing

@Suite struct LevelMeterTests {
  @Test func nothingHeardIsTheFloor() {
    var meter = LevelMeter()
    let level = meter.read(speech: false)
    #expect(level.rmsDb == LevelMeter.floor)
    #expect(level.peakDb == LevelMeter.floor)
    #expect(!level.clip)
  }
}
