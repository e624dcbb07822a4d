/// What recognizers write for silence, noise and music: their training data were videos with subtitles, in which such
/// sentences stand where nobody speaks. Collected from what users of Whisper and its relatives report.
enum StockPhrases {
  /// Whether `sentence` is one.
  static func contains(_ sentence: some Collection<HeardWord>) -> Bool {
    isCredit(sentence) || courtesies.contains(key(sentence))
  }

  /// Whether `sentence` is one that is written below a video, and hardly ever dictated.
  static func isCredit(_ sentence: some Collection<HeardWord>) -> Bool {
    let key = key(sentence)
    return farewells.contains(key) || creditBeginnings.contains { key == $0 || key.hasPrefix("\($0) ") }
  }

  private static func key(_ sentence: some Collection<HeardWord>) -> String {
    sentence.map(\.key).filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func keys(_ phrases: [String]) -> Set<String> { Set(phrases.map { key(heardWords($0)) }) }

  /// What a person may say as well.
  private static let courtesies = keys([
    "Thank you.", "Thank you very much.", "Thank you so much.", "Thanks.", "You", "Bye.", "Bye-bye.",
    "Bye bye.",
    "Okay.", "So", "I'm sorry.", "The end.", "See you next time.", "Vielen Dank.", "Danke.", "Danke schön.",
    "Tschüss.",
    "Bis zum nächsten Mal.", "Merci.", "Merci beaucoup.", "Au revoir.", "À bientôt.", "Gracias.",
    "Muchas gracias.",
    "Adiós.", "Hasta la próxima.", "Grazie.", "Grazie a tutti.", "Ciao.", "Obrigado.", "Obrigada.",
    "Muito obrigado.",
    "Tchau.", "E aí", "Bedankt.", "Dank je wel.", "Tot de volgende keer.", "Dziękuję.", "Tack.", "Takk.",
    "Tak.",
    "Спасибо.", "Продолжение следует...", "Teşekkürler.", "Děkuji.", "Kiitos.", "谢谢。", "謝謝。", "ありがとうございました。",
    "감사합니다.",
  ])

  /// How videos end.
  private static let farewells = keys([
    "Thanks for watching.", "Thanks for watching and don't forget to like and subscribe.",
    "Thank you for watching.",
    "Thank you so much for watching.", "Thanks for listening.", "Please subscribe.",
    "Please subscribe to my channel.", "Please like and subscribe.", "Don't forget to like and subscribe.",
    "Like and subscribe.", "I'll see you in the next video.", "See you in the next video.",
    "We'll see you in the next video.", "Vielen Dank fürs Zuschauen.", "Danke fürs Zuschauen.",
    "Vielen Dank für's Zuschauen.", "Vielen Dank für Ihre Aufmerksamkeit.",
    "Merci d'avoir regardé cette vidéo.",
    "Merci d'avoir regardé.", "Abonnez-vous.", "N'oubliez pas de vous abonner.", "Gracias por ver el video.",
    "Gracias por ver el vídeo.", "Gracias por ver.", "Suscríbete al canal.", "Suscríbete.",
    "Grazie per la visione.",
    "Grazie per aver guardato il video.", "Iscriviti al canale.", "Obrigado por assistir.",
    "Obrigada por assistir.", "Obrigado por assistir ao vídeo.", "Inscreva-se no canal.",
    "Bedankt voor het kijken.",
    "Dziękuję za uwagę.", "Dziękuję za oglądanie.", "Dziękuję za obejrzenie.", "Tack för att ni tittade.",
    "Спасибо за просмотр.", "Подписывайтесь на канал.", "İzlediğiniz için teşekkür ederim.",
    "İzlediğiniz için teşekkürler.", "ご視聴ありがとうございました。", "チャンネル登録をお願いします。",
    "시청해주셔서 감사합니다.", "구독과 좋아요 부탁드립니다.", "谢谢观看。", "謝謝觀看。", "感谢观看。",
  ])

  /// How credits begin: who made the subtitles.
  private static let creditBeginnings = keys([
    "Subtitles by", "Subtitled by", "Captions by", "Captioned by", "Captioning by", "Transcribed by",
    "Transcription by", "Translated by", "Untertitel der Amara.org", "Untertitel im Auftrag des",
    "Untertitel von",
    "Untertitelung des", "Untertitelung im Auftrag", "Untertitelung aufgrund", "Copyright WDR", "SWR 2020",
    "Sous-titres réalisés", "Sous-titres par", "Sous-titrage ST", "Sous-titrage Société Radio-Canada",
    "Sous-titrage MFP", "Sous-titres fait par", "Subtítulos realizados por", "Subtítulos por",
    "Subtítulos en español de", "Sottotitoli creati", "Sottotitoli e revisione", "Sottotitoli a cura di",
    "Legendas pela comunidade", "Legendas por", "Legenda por", "Legenda Adriana Zanotto",
    "Ondertitels ingediend door", "Ondertiteling door", "Napisy stworzone przez", "Napisy zrobione przez",
    "Undertekster af", "Danske tekster af", "Undertekster fra", "Teksting av", "Tekstet av",
    "Undertexter från",
    "Undertexter av", "Titulky vytvořil", "Субтитры сделал", "Субтитры создавал", "Субтитры подогнал",
    "Редактор субтитров", "Altyazı M.K.", "Altyazı çeviri", "Υπότιτλοι", "字幕by", "字幕由", "字幕志愿者", "請不吝點贊",
    "请不吝点赞", "中文字幕志愿者", "MBC 뉴스", "KBS 뉴스", "한글자막 by",
  ])
}
