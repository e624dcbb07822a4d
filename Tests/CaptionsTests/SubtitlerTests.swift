import Captions
import DictationTypes
import TestSupport
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
      ("en", "I am 5. Peter is older.", ["I am 5.", "Peter is older."]),
      (
        "en", "It is 3.5. Peter saw it on example.org. Mary did not.",
        ["It is 3.5.", "Peter saw it on example.org.", "Mary did not."]
      ),
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

  @Test(
    arguments: [
      // A pause of a comma tears nothing apart.
      ("en", "8 of spades, |400 4 of clubs, |300 7 of hearts.", ["8 of spades, 4 of clubs, 7 of hearts."]),
      (
        "en",
        "Especially as no more time is occupied or cost incurred in casting, |300 setting, |500 or printing "
          + "beautiful letters.",
        [
          "Especially as no more time is occupied / or cost incurred in casting, setting,",
          "or printing beautiful letters.",
        ]
      ),
      (
        "en", "In short, |600 the period was so far like the present period.",
        ["In short, the period / was so far like the present period."]
      ),
      (
        "en", "As you know, |500 and as I have given you proof.",
        ["As you know, / and as I have given you proof."]
      ),
      ("en", "Today, |600 we go home.", ["Today, we go home."]),
      (
        "en",
        "It was the best of times, |400 it was the worst of times, |500 it was the age of wisdom, |300 it was the "
          + "age of foolishness.",
        [
          "It was the best of times, / it was the worst of times,",
          "it was the age of wisdom, / it was the age of foolishness.",
        ]
      ),
      // But a long one does, and a sentence has its own.
      (
        "en", "Go forward ten meters |900 somewhere over there",
        ["Go forward ten meters", "somewhere over there"]
      ),
      (
        "en",
        "It is comparatively modern. |400 For although they took impressions from blocks of wood for centuries, "
          + "they forgot it.",
        [
          "It is comparatively modern.",
          "For although they took impressions / from blocks of wood for centuries,", "they forgot it.",
        ]
      ),
      // What belongs together stays together.
      (
        "en", "It is of the first importance that the letter used should be fine in form.",
        ["It is of the first importance", "that the letter used / should be fine in form."]
      ),
      (
        "en", "Many of the people in New York City said that they had seen him after he has left the house.",
        [
          "Many of the people in New York City said", "that they had seen him / after he has left the house.",
        ]
      ),
      (
        "en", "Everybody in the room wanted to go to and everybody got there in time.",
        ["Everybody in the room wanted to go to / and everybody got there in time."]
      ),
      (
        "de", "Sie macht das Fenster auf und sieht auf die Straße hinaus.",
        ["Sie macht das Fenster auf / und sieht auf die Straße hinaus."]
      ),
      (
        "en", "And Mr. John Dashwood had then leisure to consider.",
        ["And Mr. John Dashwood / had then leisure to consider."]
      ),
      (
        "en", "I shall not be easy till I have explained everything.",
        ["I shall not be easy / till I have explained everything."]
      ),
      (
        "en", "It differs from most if not from all the arts and crafts represented in the exhibition.",
        ["It differs from most", "if not from all the arts / and crafts represented in the exhibition."]
      ),
      (
        "en", "The forms of letters should follow more or less closely those of the written character.",
        ["The forms of letters should follow", "more or less closely / those of the written character."]
      ),
      (
        "es", "Nos vimos por última vez el día 3 de mayo de 2024 en la casa.",
        ["Nos vimos por última vez / el día 3 de mayo de 2024 en la casa."]
      ),
      (
        "fr", "Je n'ai pas compris du tout ce que vous voulez dire par là, mais je vous crois.",
        ["Je n'ai pas compris du tout / ce que vous voulez dire par là,", "mais je vous crois."]
      ),
      // Marks with spaces.
      (
        "fr",
        "Alors monsieur Dupont qui était là a dit : « Bonjour, Mme Martin ! Comment allez-vous ce matin ? »",
        [
          "Alors monsieur Dupont qui était là a dit : / « Bonjour, Mme Martin !",
          "Comment allez-vous ce matin ? »",
        ]
      ),
      (
        "fr", "Voilà ce que je voulais enfin vous dire\u{a0}; le reste est sans importance\u{202f}!",
        ["Voilà ce que je voulais enfin vous dire ; / le reste est sans importance !"]
      ),
      // Languages without spaces around their own.
      (
        "it", "La ragazza che abitava nella casa non riusciva a dormire durante la notte.",
        ["La ragazza che abitava nella casa / non riusciva a dormire durante la notte."]
      ),
      (
        "pt", "O homem que morava naquela casa não conseguia dormir durante a noite.",
        ["O homem que morava naquela casa / não conseguia dormir durante a noite."]
      ),
      (
        "nl", "De man die in het huis woonde kon niet slapen omdat het te warm was.",
        ["De man die in het huis woonde / kon niet slapen omdat het te warm was."]
      ),
    ] as [(String, String, [String])])
  func captionsAndLinesEndWhereTheSenseDoes(language: String, text: String, expected: [String]) {
    for language in [language, nil] {
      let cues = captionCues(CaptionsTests.spoken(text), rules: CaptionRules(language: language))
      #expect(cues.map { $0.lines.joined(separator: " / ") } == expected, "\(language ?? "none")")
    }
  }

  /// A Thai, a Lao, a Khmer and a Burmese sentence, each longer than two lines.
  @Test(
    arguments: [
      "สวัสดีครับวันนี้เราจะพูดถึงประวัติศาสตร์ของประเทศไทยและวัฒนธรรมของคนไทยที่อาศัยอยู่ในภาคเหนือของประเทศนั้น",
      "ສະບາຍດີມື້ນີ້ພວກເຮົາຈະເວົ້າກ່ຽວກັບປະຫວັດສາດຂອງປະເທດລາວແລະວັດທະນະທຳຂອງຄົນລາວທີ່ອາໄສຢູ່ໃນພາກເໜືອຂອງປະເທດ",
      "សួស្តីថ្ងៃនេះយើងនឹងនិយាយអំពីប្រវត្តិសាស្ត្រនៃប្រទេសកម្ពុជានិងវប្បធម៌របស់ប្រជាជនខ្មែរដែលរស់នៅភាគខាងជើងនៃប្រទេសនេះ",
      "မင်္ဂလာပါယနေ့ကျွန်တော်တို့သည်မြန်မာနိုင်ငံ၏သမိုင်းနှင့်ယဉ်ကျေးမှုအကြောင်းကိုပြောပြပါမည်ဖြစ်ပြီးအားလုံးကိုကြိုဆိုပါသည်",
    ])
  func scriptsOfSouthEastAsiaAreBrokenBetweenSyllables(text: String) {
    let rules = CaptionRules()
    let lines = captionCues([TimedWord(text, start: 0, end: 20_000)], rules: rules).flatMap(\.lines)
    #expect(lines.count > 1 && lines.joined() == text)
    // What belongs to the letter before it, and what to the letter behind it.
    let neverFirst = Set("ะาำๅๆฯະາຳຽໆຯ។៕៖ៗ၊။".unicodeScalars.map(\.value))
    let neverLast = Set("เแโใไເແໂໃໄ\u{17d2}\u{1039}".unicodeScalars.map(\.value))
    for line in lines {
      #expect(line.count <= rules.maxLineLength)
      let (first, last) = (line.unicodeScalars.first!, line.unicodeScalars.last!)
      #expect(!neverFirst.contains(first.value) && !neverLast.contains(last.value), "\(line)")
      #expect(![.nonspacingMark, .spacingMark].contains(first.properties.generalCategory), "\(line)")
    }
    // The spaces of these scripts separate phrases, and are kept; the words keep their times.
    let words = timedWords(
      of: "\(text) \(text)",
      spoken: [TimedWord(text, start: 0, end: 20_000), TimedWord(text, start: 25_000, end: 45_000)], from: 0,
      to: 50_000)
    #expect(words.map(\.word) == [text, text] && words.map(\.start) == [0, 25_000])
    #expect(Captions.text(of: words) == "\(text) \(text)")
  }

  /// Phrases in any order, with the pauses of a person who thinks, and with French marks.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func articlesEndNoLineAndMarksBeginNone(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let phrases = [
      "the house", "a rather long explanation", "his old friend", "went to the river", "and the dog",
      "of the city",
      "because the weather", "was fine ;", "in the middle", "« the first » :", "with my brother .",
      "every day ,",
    ]
    let text = (0..<80).map { _ in
      let words = phrases.randomElement(using: &random)!.split(separator: " ")
      return words.map {
        Int.random(in: 0..<4, using: &random) == 0
          ? "|\(Int.random(in: 50...600, using: &random)) \($0)" : "\($0)"
      }
      .joined(separator: " ")
    }.joined(separator: " ")
    for line in captionCues(CaptionsTests.spoken(text), rules: CaptionRules(language: "en")).flatMap(\.lines)
    {
      #expect(!["the", "a", "his", "my", "every", "«"].contains(line.split(separator: " ").last), "\(line)")
      #expect(!["»", ";", ":", ".", ","].contains(line.split(separator: " ").first), "\(line)")
    }
  }
}
