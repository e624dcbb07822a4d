import Captions
import DictationTypes
import Testing

/// What a person who makes captions would do.
@Suite struct SubtitlerTests {
  @Test(
    arguments: [
      ("de", "Am 5. Mai 2024 war es.", ["Am 5. Mai 2024 war es."]),
      ("de", "Im 19. Jahrhundert war es so.", ["Im 19. Jahrhundert war es so."]),
      ("de", "Das ist am 3. Oktober. Dann geht es.", ["Das ist am 3. Oktober.", "Dann geht es."]),
      ("de", "Sie ist jetzt 5. Peter ist 8.", ["Sie ist jetzt 5.", "Peter ist 8."]),
      ("de", "Das war 1945. Damals war alles anders.", ["Das war 1945.", "Damals war alles anders."]),
      ("de", "Es kostet 3,5 Mio. Euro.", ["Es kostet 3,5 Mio. Euro."]),
      ("de", "Das gibt es z. B. Montag. Er kommt.", ["Das gibt es z. B. Montag.", "Er kommt."]),
      ("en", "He was in the U.S. Army. It was hard.", ["He was in the U.S. Army.", "It was hard."]),
      ("en", "He lives in the U.S. It is far.", ["He lives in the U.S.", "It is far."]),
      ("en", "We met at 5 p.m. on Jan. 5 with him.", ["We met at 5 p.m. on Jan. 5 with him."]),
      ("en", "We met at 5 p.m. Peter came.", ["We met at 5 p.m.", "Peter came."]),
      ("en", "It was Sept. 3 in fig. 3 and approx. 20.", ["It was Sept. 3 in fig. 3 and approx. 20."]),
      ("en", "I ate a fig. Then I left.", ["I ate a fig.", "Then I left."]),
      ("en", "He saw Mt. Everest.", ["He saw Mt. Everest."]),
      ("en", "It was by J. A. Smith. He left.", ["It was by J. A. Smith.", "He left."]),
      ("it", "Ecco il Sig. Rossi. È qui.", ["Ecco il Sig. Rossi.", "È qui."]),
      ("en", "The Army said no. Then it left.", ["The Army said no.", "Then it left."]),
      ("en", "It is no. 5 of all.", ["It is no. 5 of all."]),
      ("en", "We chose plan B. Then we met.", ["We chose plan B.", "Then we met."]),
      ("en", "That is Henry V. I have not.", ["That is Henry V.", "I have not."]),
      ("en", "He is older than I. Peter is old.", ["He is older than I.", "Peter is old."]),
      ("en", "J. Smith met George W. Bush.", ["J. Smith met George W. Bush."]),
      ("en", "It was J. R. R. Tolkien.", ["It was J. R. R. Tolkien."]),
      ("fr", "M. Dupont est là. Il rit.", ["M. Dupont est là.", "Il rit."]),
      ("fr", "Il a dit : « Bonjour ! » Et il rit.", ["Il a dit : « Bonjour ! »", "Et il rit."]),
      ("de", "Er rief: „Halt.“ Sie hielt.", ["Er rief: „Halt.“", "Sie hielt."]),
    ] as [(String, String, [String])])
  func sentencesEndAtPointsThatEndThem(language: String, text: String, expected: [String]) {
    let words = CaptionsTests.spoken(text)
    #expect(sentences(of: words, language: language).map(\.text) == expected)
    #expect(sentences(of: words).map(\.text) == expected, "without a language")
  }
}
