extension FunctionWords {
  /// The languages whose function words are known.
  static let languages: [(code: String, words: FunctionWords)] = [
    ("en", english), ("de", german), ("fr", french), ("es", spanish), ("it", italian), ("pt", portuguese),
    ("nl", dutch),
  ]

  private static let english = FunctionWords(
    coordinators: "and or nor but",
    conjunctions: """
      yet because although though while when if unless until till since than as before after whereas once
      """,
    relatives: "that which who whom whose what where why how whether whatever whoever",
    prepositions: """
      in on at to for with from by about into onto over under before after between through during without against
      among within toward towards upon across behind beyond beside near off out up down around along since until
      till per despite via
      """,
    genitives: "of",
    articles:
      "a an the this these those my your his her its our their no some every each another any very too so more most less",
    auxiliaries: """
      i he she it we they you not will would can could should shall must may might have has had do does did is are
      was were be been am don't doesn't didn't won't can't isn't aren't wasn't couldn't wouldn't shouldn't i'm i've
      i'll you're we're they're it's he's she's never all both
      """,
    openers: """
      then there here now today tomorrow yesterday later well yes everybody everyone nobody somebody all many
      however instead perhaps maybe also let's
      """)

  private static let german = FunctionWords(
    coordinators: "und oder sowie",
    conjunctions: """
      aber denn sondern doch weil dass daß wenn ob als wie während obwohl damit bevor nachdem falls sobald solange bis
      """,
    relatives: "welche welcher welches welchen welchem wo wer wen wem was warum woher wohin",
    prepositions: """
      in im ins an am ans auf aus bei beim mit nach seit vom zu zum zur für durch gegen ohne um über unter vor hinter
      neben zwischen wegen trotz bis während ab gegenüber
      """,
    genitives: "von",
    articles: """
      der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein meine meinen
      meinem meiner dein deine sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere unseren unserem
      euer eure dieser diese dieses diesen diesem jeder jede jedes jeden jedem sehr
      """,
    auxiliaries: """
      ich du er sie es wir man nicht nie habe hat haben hatte hatten ist sind war waren wird werden wurde wurden
      kann können konnte muss müssen musste soll sollen will wollen wollte darf sich mich dich uns
      """,
    openers: """
      dann da dort hier nun jetzt heute morgen gestern danach später ja nein alle viele deshalb trotzdem vielleicht
      auch so
      """,
    beforeOrdinals: """
      am im vom zum zur beim der die das den dem des ein eine einen einem einer eines jeder jede jedes jeden jedem sein
      seine seinen seinem ihr ihre ihren ihrem mein meine meinen meinem unser unsere unseren unserem
      """)

  private static let french = FunctionWords(
    coordinators: "et ou ni",
    conjunctions: "mais donc car quand lorsque si comme parce puisque quoique tandis",
    relatives: "que qu' qui dont où quoi lequel laquelle lesquels pourquoi comment combien",
    prepositions: """
      à en dans sur sous avec sans pour par chez vers entre depuis pendant avant après contre selon au aux malgré
      jusqu'à jusqu'au jusqu'
      """,
    genitives: "de du des d'",
    articles: """
      le la les l' un une des ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs quelques
      chaque très
      """,
    auxiliaries: """
      je j' tu il elle on nous vous ils elles ne n' se s' me m' te t' y ai as a avons avez ont avait avaient
      suis es est sommes êtes sont était étaient sera c'est c'était n'est n'a n'ai j'ai
      """,
    openers:
      "alors puis ici là maintenant aujourd'hui demain hier ensuite oui non tous beaucoup peut-être aussi")

  private static let spanish = FunctionWords(
    coordinators: "y e o u ni",
    conjunctions: "pero sino porque cuando si aunque mientras como pues",
    relatives: "que quien quienes donde cuyo cuya cual cuales qué quién dónde cómo",
    prepositions: """
      a ante bajo con contra desde durante en entre hacia hasta para por según sin sobre tras al
      """,
    genitives: "de del",
    articles: """
      el la los las un una unos unas lo mi mis tu tus su sus nuestro nuestra nuestros nuestras este esta estos estas
      ese esa esos esas aquel aquella cada ningún muy
      """,
    auxiliaries: """
      yo él ella nosotros ellos ellas usted ustedes no se me te le les nos he ha han hemos había habían es son era
      eran está están estaba fue nunca
      """,
    openers: "entonces luego aquí allí ahora hoy mañana ayer después sí todos muchos también quizás además")

  private static let italian = FunctionWords(
    coordinators: "e ed o od né",
    conjunctions:
      "ma però perché quando se anche mentre come sebbene benché affinché poiché siccome dunque quindi",
    relatives: "che chi cui quale quali dove quanto",
    prepositions: """
      a ad in con su per tra fra al allo alla all' ai agli alle nel nello nella nell' nei negli nelle sul sullo sulla
      sull' sui sugli sulle dal dallo dalla dall' dai dagli dalle da contro durante dopo prima senza sotto sopra verso
      presso fino secondo oltre
      """,
    genitives: "di d' del dello della dell' dei degli delle",
    articles: """
      il lo la l' i gli le un uno una un' mio mia miei mie tuo tua suo sua suoi sue nostro nostra nostri nostre vostro
      questo questa questi queste quest' quel quello quella quei quegli quelle ogni alcuni alcune nessun nessuna molto più
      """,
    auxiliaries: """
      io tu lui lei egli ella noi voi loro non mi ti si ci vi ne ho hai ha abbiamo avete hanno aveva avevano sono sei è
      siamo siete era erano fu furono sarà può possono deve c'è c'era
      """,
    openers: "poi allora qui là ora adesso oggi domani ieri sì no tutti molti forse così invece")

  private static let portuguese = FunctionWords(
    coordinators: "e ou nem",
    conjunctions: "mas porém porque quando se embora enquanto como pois portanto logo",
    relatives: "que quem qual quais onde cujo cuja",
    prepositions: """
      em no na nos nas num numa com por pelo pela pelos pelas para pra sem sob sobre entre até desde contra durante
      após perante segundo ao aos à às
      """,
    genitives: "de do da dos das dum duma",
    articles: """
      o a os as um uma uns umas meu minha meus minhas teu tua seu sua seus suas nosso nossa nossos nossas este esta
      estes estas esse essa esses essas aquele aquela cada nenhum nenhuma algum alguma muito mais
      """,
    auxiliaries: """
      eu tu ele ela você nós vocês eles elas não nunca me te se lhe lhes nos tem têm tinha tinham há havia é
      são era eram foi foram está estão estava ser pode podem deve
      """,
    openers: "então depois aqui ali agora hoje amanhã ontem sim todos muitos talvez também assim")

  private static let dutch = FunctionWords(
    coordinators: "en of noch",
    conjunctions:
      "maar want dus omdat doordat dat als toen terwijl hoewel zodat voordat nadat totdat tenzij indien",
    relatives: "die wie wat waar waarom hoe welke welk waarin waarop waarmee",
    prepositions: """
      in op aan bij met naar uit te om voor door tegen zonder over onder achter naast tussen tijdens sinds tot vanaf
      binnen buiten langs rond volgens
      """,
    genitives: "van",
    articles: """
      de het een 't 'n deze dit mijn m'n jouw je zijn z'n haar ons onze hun uw geen elke elk ieder iedere enkele zeer heel
      """,
    auxiliaries: """
      ik jij hij zij ze we wij u men er niet nooit heb hebt heeft hebben had hadden ben bent is was waren
      wordt worden werd werden kan kunnen kon moet moeten mag mogen zal zullen zou zouden wil willen zich
      """,
    openers: "dan daar hier nu vandaag morgen gisteren daarna later ja nee alle veel ook misschien toch")
}
