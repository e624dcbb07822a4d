/// English words that people say all the time, and that no name is meant by, however alike they sound.
let commonWords = Set(
  """
  a about after again air all also an and any appear are as ask asked at back be because become been
  before began begin being believe best better big body book border bring brought build business but buy
  by call called came can case change child children close cold come computer consider continue could
  create cut day decide did die do does done early elder end even ever expect eye face fact fall feel felt
  first folder follow for force from game get give go goes going good got great group grow had hand happen
  happened has have he head hear heard held help her here high him his hold holder home hot hour house how
  i idea if in include into is issue it its just keep kept kill kind know last late later lead leader
  learn leave left let letter life light like line list listen little live lives long look lose lost love
  made make man matter me meet member men met money month more most move music must my name need needs
  never new next night no not now number of offer old older on one only open or order other our out over
  page part pass pay people person place play point power problem process product program project provide
  pull put question raise ran reach read reader ready red remain remember report require right room run
  said say school see seem sell send serve server service set she short show showed side sit small so some
  sound speak speaking spend stand stay still stop story suggest system take talk tell test text than that
  the their them then there these they thing things think this time to told tried try two under understand
  up us use voice wait walk want was watch water way we week well went were what when where which who will
  win with woman word words work world would write wrote year you young your
  """.split(whereSeparator: \.isWhitespace).map(String.init))
