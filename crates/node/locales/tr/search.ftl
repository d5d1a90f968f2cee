# Metinlerde arama.
search-title = Arama
search-everywhere = Her şeyde ara
search-words = Sözcükler, adlar, tarihler ya da bir başvuru numarası
search-go = Ara
search-help = Neler yazılabilir
search-hits = Bulunanlar
search-narrow = Daralt
search-none = Bir şey bulunamadı.
search-none-more = Daha az sözcük, yıldızla biten bir sözcük başı ya da adın başka bir yazımını deneyin.

search-kind = Tür
search-state = Durum
search-party = Taraf
search-institution = Kurum
search-label = Gizlilik
search-place = Yer
search-year = Yıl
search-month = Ay
search-channel = Kanal
search-since = Başlangıç

search-help-all-example = sınır komitesi
search-help-all = Sözcüklerin tümü, her sırada ve her biçimde
search-help-phrase-example = "ortak komite"
search-help-phrase = Bu sözcükler art arda
search-help-prefix-example = koord*
search-help-prefix = Böyle başlayan sözcükler; en az iki harf
search-help-without-example = sınır -gümrük
search-help-without = Yalnız ikinci sözcüğün geçmediği yerler
search-help-title-example = başlık:anlaşma tür:meeting yer:"الأنبار"
search-help-title = Yalnız başlıklarda; tür, durum, taraf, kurum, gizlilik, yer, yıl, ay ile daraltılır
search-help-day-example = 15 Ekim 2025
search-help-day = Metinler nasıl yazarsa yazsın, bir gün ya da bir ay
search-help-names-example = Araji
search-help-names = Latin harfleriyle yazılan bir ad Arap harfleriyle de bulunur; tersi de geçerlidir
