# Search in full text.
search-title = Search
search-everywhere = Search in everything
search-words = Words, names, days or a reference number
search-go = Search
search-help = What can be typed
search-hits = What was found
search-narrow = Narrow down
search-none = Nothing was found.
search-none-more = Try fewer words, the beginning of a word with an asterisk, or another spelling of a name.

search-kind = Kind
search-state = State
search-party = Party
search-institution = Institution
search-label = Level
search-place = Place
search-year = Year
search-month = Month
search-channel = Channel
search-since = Since

search-help-all-example = border committee
search-help-all = All of the words, in any order and in any of their forms
search-help-phrase-example = "joint committee"
search-help-phrase = These words one after another
search-help-prefix-example = coord*
search-help-prefix = Words that begin so; two letters at least
search-help-without-example = border -customs
search-help-without = Only where the second word does not stand
search-help-title-example = title:agreement kind:meeting place:"الأنبار"
search-help-title = In titles alone; narrowed by kind, state, party, institution, label, place, year, month
search-help-day-example = 15 October 2025
search-help-day = A day or a month, however the texts write it
search-help-names-example = Araji
search-help-names = A name in Latin letters finds it in Arabic letters, and the other way round
