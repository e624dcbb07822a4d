import DictationTypes
import TestSupport
import Testing

@testable import TextFilter

@Suite struct CommandTests {
  @Test(
    arguments: [
      ("First idea. New paragraph. Second idea.", "en", "First idea.\n\nSecond idea."),
      ("First idea, new paragraph, second idea", "en", "First idea\n\nSecond idea"),
      ("Milk, new line, eggs", "en", "Milk\neggs"),
      ("Dear Ann, new line. How are you", "en", "Dear Ann\nHow are you"),
      ("a new line of code", "en", "a new line of code"), ("new lines", "en", "new lines"),
      ("I need a new line.", "en", "I need a new line."), ("New line.", "en", ""),
      ("New paragraph. Yes. New line.", "en", "Yes."),
      ("I think so, full stop", "en", "I think so."), ("Is it true. Question mark.", "en", "Is it true?"),
      ("Yes, comma, we can", "en", "Yes, we can"),
      ("What a day, exclamation mark. so it was", "en", "What a day! So it was"),
      ("a long period of time", "en", "a long period of time"),
      ("The victorian period.", "en", "The victorian period."),
      ("He said, open quote, hello, close quote.", "en", "He said, “hello”."),
      ("It is, open bracket, I think, close bracket, good", "en", "It is, (I think) good"),
      ("I like tea. I hate coffee, scratch that. I love coffee.", "en", "I like tea. I love coffee."),
      ("I hate it. Scratch that. I love it.", "en", "I love it."),
      ("Use 3.5 volts. No, scratch that, use four.", "en", "Use 3.5 volts. Use four."),
      ("I said, literal new line, twice", "en", "I said, new line, twice"),
      ("A literal translation", "en", "A literal translation"),
      ("One, new line, new line, two", "en", "One\n\ntwo"), ("Eins, neue Zeile, zwei", "de", "Eins\nzwei"),
      ("Ein Absatz. Neuer Absatz. Noch einer.", "de", "Ein Absatz.\n\nNoch einer."),
      ("Komm her, Komma, bitte", "de", "Komm her, bitte"),
      ("Bonjour, à la ligne, merci", "fr", "Bonjour\nmerci"),
      ("Hola, nueva línea, adiós", "es", "Hola\nadiós"),
      ("Eins, new line, zwei", "de", "Eins, new line, zwei"), ("2:new line", "en", "2:new line"),
    ] as [Row])
  func commandsAreObeyedAsClausesOfTheirOwn(_ row: Row) {
    #expect(applyRules(row.0, FilterSettings(), language: row.1) == row.2)
  }

  @Test func theUsersOwnComeBesideThem() {
    var settings = FilterSettings()
    settings.ownCommands = [
      SpokenCommand(say: "next point", text: "\n- "), SpokenCommand(say: "smiley face", text: ":-)"),
      SpokenCommand(say: "nächster Punkt", text: "\n* ", language: "de"),
      SpokenCommand(say: "comma", text: ";"),
    ]
    #expect(
      applyRules("Buy, next point, milk, next point, eggs", settings, language: "en") == "Buy\n- milk\n- eggs"
    )
    #expect(applyRules("Good, smiley face.", settings, language: "en") == "Good :-).")
    #expect(applyRules("So, nächster Punkt, ja", settings, language: "en") == "So, nächster Punkt, ja")
    #expect(applyRules("So, comma, yes", settings, language: "en") == "So; yes")
    settings.ownCommands = [SpokenCommand(say: "sign it", text: "Um, yours ,Ada")]
    #expect(applyRules("Bye. Sign it.", settings, language: "en") == "Bye. Yours, Ada.")
  }

  @Test func theyCanBeSwitchedOff() {
    var settings = FilterSettings()
    settings.voiceCommands = false
    #expect(applyRules("One. New line. Two.", settings, language: "en") == "One. New line. Two.")
  }
}
