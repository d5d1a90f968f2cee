product = Tansiq
product-more = Devletlerin birlikte tuttuğu kayıt
skip = İçeriğe geç
languages = Dil
navigation = Ana gezinme
nav-today = Bugün
nav-all-dossiers = Tüm dosyalar
nav-agreement = Anlaşmalar
nav-commitment = Taahhütler
nav-meeting = Toplantılar
nav-action = Takip maddeleri
nav-agreed = Anlaşma ve takip
nav-exchange = Bilgi alışverişi
nav-people = Kişiler
nav-programmes = Programlar, değerlendirme, duyuru
nav-note = Notalar
nav-report = Raporlar ve uyarılar
nav-crossing = Sınır kapıları
nav-return = Dönüşler
nav-consular = Konsolosluk işleri
nav-programme = Programlar
nav-assessment = Değerlendirmeler
nav-statements = Ortak açıklamalar
nav-work = İş
nav-queue = Bekleyen açıklamalar
nav-statement = Açıklama oku
nav-channels = Kanallar ve kanıt
sign-out = Oturumu kapat
demo = DENEME
demo-note = Burada görünen her şey uydurmadır.
node-is = Düğüm { $name }
page-of-product = { $page } – Tansiq

label-open = Tasnif dışı
label-restricted = Hizmete özel
label-confidential = Özel
label-secret = Gizli
label-releasable = Verilebileceği taraflar: { $parties }

lang-ar = Arapça
lang-en = İngilizce
lang-tr = Türkçe

sign-in = Oturum aç
sign-in-intro = Bu düğümün görevlileri içindir. Yöneticinizin verdiği kimliği kullanın.
sign-in-officer = Görevli kimliği
sign-in-officer-hint = Örneğin: irq.mofa.secretary
sign-in-password = Parola
sign-in-submit = Oturum aç
sign-in-wrong = Kimlik ile parola birbirine uymuyor ya da bu hesap kapalı.
sign-in-help = Oturum açamıyorsanız düğümünüzün yöneticisine başvurun. Parolayı başka kimse göremez veya sıfırlayamaz.
sign-in-ended = 15 dakika işlem yapılmadığı için oturumunuz kapatıldı. Gönderdiğiniz hiçbir şey kaybolmadı.

today-title = Bugün
today-waits = Beni bekleyenler
today-waits-hint = Yalnız sizin kurumunuzun yapabileceği işlemler
today-late = Gecikenler ve sorumluları
today-late-hint = Üzerinde anlaşılan tarihi geçenler
today-recent = Son kayıtlar
today-recent-hint = Tarafların en son kaydettikleri
today-waits-empty = Sizi bekleyen bir şey yok.
today-waits-empty-more = Başka bir tarafın yanıtınızı gerektiren önerisi burada görünür.
today-late-empty = Geciken bir şey yok.
today-late-empty-more = Taahhütler ve takip maddeleri, tarihlerinin ertesi günü burada görünür.
today-recent-empty = Henüz hiçbir şey kaydedilmedi.
today-recent-empty-more = İlk dosyayı açın ya da bir açıklama yapıştırıp ondan dosya önerilmesini sağlayın.
today-see-all = Tümünü gör

column-reference = Referans
column-title = Konu
column-owner = Sorumlu kurum
column-due = Son tarih
column-state = Durum
column-party = Taraf
column-kind = Tür
column-matter = Husus
rows-caption = { $n ->
    [one] { $n } dosya
   *[other] { $n } dosya
}
no-date = Mutabakatla tarihsiz

dossiers-title = Dosyalar
dossiers-empty = Uyan dosya yok.
dossiers-empty-more = Bir süzgeci kaldırın ya da daha az sözcükle arayın.
dossiers-none = Burada henüz dosya yok.
dossiers-none-more = İlk dosyayı açın ya da bir açıklama yapıştırıp ondan dosya önerilmesini sağlayın.
filter-text = Sözcükler ya da başvuru numarası
filter-kind = Tür
filter-state = Durum
filter-party = Taraf
filter-institution = Kurum
filter-channel = Kanal
filter-late = Yalnız gecikenler
filter-any = Tümü
filter-apply = Süz
filter-clear = Tüm süzgeçleri kaldır
filter-active = Etkin süzgeçler
filter-remove = Süzgeci kaldır: { $name }
filters = Süzgeçler
paging = Sayfalar
page-previous = Önceki
page-next = Sonraki
page-showing = { $all } kayıttan { $from }–{ $to }

dossier-facts = Temel bilgiler
dossier-positions = Tarafların tutumu
dossier-positions-hint = Her taraf yalnız kendi tutumunu bildirir; mutabakat için hepsinin aynı metni kabul etmesi gerekir.
dossier-history = Geçmiş
dossier-history-hint = Her tarafta aynı olan ortak sırayla
dossier-acts = Şimdi yapabilecekleriniz
dossier-acts-none = Şu anda burada yapacağınız bir işlem yok.
dossier-acts-none-more = Sıra başka bir taraftadır ya da göreviniz bu aşamada bir işlem içermiyordur.
dossier-more = Diğer işlemler
dossier-awaited = Beklenenler
dossier-open = Dosya aç
own-party = bu taraf
position-agreed = Kabul etti
position-proposed = Önerdi
position-signed = İmzaladı
position-awaiting = { $date } tarihinden beri bekleniyor
position-objects = İtiraz ediyor
position-silent = Tutum bildirmedi
position-this-text = { $hash } metni için
event-by = İşlemi yapan
event-claimed = Beyan edilen saat
event-witnessed = Tanıklık
event-witnessed-by = { $time }, { $party }
event-not-witnessed = henüz tanıklık edilmedi
event-record = Kayıt
event-evidence = Kanıt
event-effective = Geçerli
event-refused = Reddedildi
event-unknown = Henüz karara bağlanmadı
event-provisional = Bütün taraflar imzalayana kadar geçici
refused-heading = Reddedildi: { $code }
texts-same = Bu metinlerin her biri taraflarca ayrı ayrı onaylanmıştır.
clause = Madde { $number }

form-problems = { $n ->
    [one] Bir sorun var
   *[other] { $n } sorun var
}
form-kept = Yazdıklarınız aşağıda korunmuştur.
form-optional = (isteğe bağlı)
form-max = { $n ->
    [one] En çok bir karakter
   *[other] En çok { $n } karakter
}
form-none = Mutabakatla tarihsiz
form-choose = Seçin …
form-add-row = Satır ekle
form-remove-row = { $n }. satırı kaldır
form-row = { $n }. satır
form-exact = Tam olarak şu metni kabul ediyorsunuz:
form-submit = Kaydet
form-continue = Devam
form-cancel = Vazgeç
form-back = Geri dön ve değiştir
form-date-hint = Gün, ay ve yıl
form-between = { $min } ile { $max } arası
form-decimal = { $min } ile { $max } arası, virgülden sonra en çok { $n } basamak
form-moment = Bağdat saatiyle (Eşgüdümlü Evrensel Zaman’dan üç saat ileri)
form-clock = 24 saatlik düzende, örneğin 06:30
form-sealed = Mühürlü alanlar
form-sealed-hint = Mühürlenen bilgi bu düğümde kalır ve adı belirtilen bir makama yalnız açıklama işlemiyle gider.
form-disclosure = Düğüm bunu önceden mühürlenenden doldurur; mühürlenen, dosyanın verildiği bütün taraflara gösterilir.

confirm-title = İmzalamadan önce denetleyin
confirm-intro = İmzanız kayıt defterinde kalıcıdır ve tek taraflı olarak geri alınamaz.
confirm-changes = Bu formu açtığınızdan beri metin değişti. Yeniden okuyun.
confirm-text = Metnin aslı
confirm-text-hash = Parmak izi
confirm-what-follows = Bundan doğan sonuçlar
confirm-password = Parolanız, bir kez daha
confirm-password-hint = Ağır sonuçlu işlemlerde kimliğiniz yeniden sorulur.
confirm-submit = İmzala ve kaydet

statement-title = Açıklama oku
statement-intro = Yayımlanmış bir açıklamayı yapıştırın. Geldikleri sözcüklerle birlikte dosyalar önerilir; siz onaylamadan hiçbir şey kaydedilmez.
statement-text = Açıklamanın metni
statement-text-hint = Arapça, Türkçe veya İngilizce. Metin bu düğümde kalır.
statement-source = Kaynak
statement-source-hint = Kim, nerede yayımladı
statement-published = Yayım tarihi
statement-read = Oku
statement-source-heading = Açıklama
statement-proposals = { $n ->
    [0] Öneri yok
    [one] { $n } öneri
   *[other] { $n } öneri
}
statement-none = Metinde okuyucunun tanıdığı bir şey yok.
statement-none-more = Yine de elle dosya açabilirsiniz.
statement-found = { $n }. önerinin sözcükleri
statement-proposal = { $n }. öneri
statement-from-words = Şu sözcüklerden
statement-edit = Onaylamadan önce değiştir
statement-confirm = Onayla
statement-drop = Çıkar
statement-confirmed = Onaylandı
statement-dropped = Çıkarıldı
statement-other = Başka bir açıklama yapıştır

channels-title = Kanallar ve kanıt
channels-intro = Her kanalda her tarafın bir kayıt defteri vardır. Ötekiler onu birlikte imzalar; böylece söylenenleri kimse yeniden yazamaz.
channel-log = Kayıt defteri
channel-records = { $n ->
    [one] { $n } kayıt
   *[other] { $n } kayıt
}
channel-size = Kayıtlar
channel-root = Kök
channel-witnesses = Birlikte imzalayan
channel-reach = Bağlantı
channel-reach-own = Bu düğüm
channel-behind = { $n ->
    [one] bir kayıt henüz birlikte imzalanmadı
   *[other] { $n } kayıt henüz birlikte imzalanmadı
}
channel-none-yet = henüz kimse
channels-empty = Bu düğümün henüz kanalı yok.
channels-empty-more = Yönetici, öteki tarafların açık anahtarlarıyla bir kanala katılır.
channels-absent-note = Ulaşılamayan bir taraf hiçbir şeyi durdurmaz: işlemleriniz şimdi kaydedilir, o dönünce tanıklık edilir.
channel-published = Bu kanalın kayıt defterleri dış gözlemcilere açıktır.
channel-forked = Bu kayıt defteri için ikisi birden doğru olamayacak iki ağaç imzalandı ({ $first } ve { $second } kayıt); bunu { $party } gösterdi, { $time }. Bu defterden artık hiçbir şey alınmaz, geri kalan her şey sürer. Kanıt saklıdır: yönetici onu tansiq evidence fork ile dışarı yazar.

problem-refused = Kurallar buna izin vermiyor
problem-advice = Ne yapabilirsiniz
problem-fault = Bu düğümde bir arıza oldu
problem-fault-more = Gönderdiğiniz hiçbir şey yarım değildir: ya kaydedilmiştir ya kaydedilmemiştir. Yeniden deneyin; yine olursa aşağıdaki numarayı yöneticiye bildirin.
problem-operation = İşlem
problem-not-found = Bu adreste sizin için bir şey yok
problem-not-found-more = Ya yoktur ya da size verilmemiştir. İkisi bilerek aynı görünür.
problem-forbidden = Bu sayfa göreviniz için değil
problem-forbidden-more = İşiniz değiştiyse yöneticinize başvurun.
problem-busy = Bu düğümden aynı anda çok şey isteniyor
problem-busy-more = Biraz bekleyip yeniden deneyin.
problem-read-only = Bu düğüm şu anda yalnız okunabilir
problem-read-only-more = Diski dolu ya da arızalı. Kaydedilenlerden hiçbir şey kaybolmadı; yeni işlemler yönetici onarana kadar bekler.
problem-stale-form = Bu form çok eski
problem-stale-form-more = Sayfayı yeniden açın. Yazdıklarınız olabildiğince aşağıda korunur.
problem-back = Geri
problem-home = Bugünün işlerine

row-awaits = { $party } bekleniyor: { $name }
filter-awaits = Beklenen taraf
position-awaited = Bekleniyor
act-joins = Öteki tarafın söylediği ya da masadaki metin budur. Değiştirmeden kaydederseniz kabul etmiş olursunuz; değiştirirseniz başka bir öneride bulunursunuz.
act-is-mutual = Her taraf aynısını kaydettiğinde hüküm doğurur.
confirm-mutual = { $parties } aynı metni imzaladığında hüküm doğurur, daha önce değil.
open-intro = Bu işlemi kaydetmek dosyayı açar ve tarafınızın kayıt defterine yazar.
open-from-statement = Form yalnız açıklamada söylenenlerle dolduruldu. Denetleyin ve eksikleri tamamlayın.
open-choose-act = Dosyayı açacak işlemi seçin.
open-choose-channel = Açılacağı kanalı seçin:
open-other-channel = Ya da başka bir kanalda açın:
open-no-channel = Kurumunuzun katıldığı hiçbir kanalda bu tür dosya tutulmuyor.
open-audience-hint = Dosya, burada seçilmeyen hiçbir tarafa ulaşmaz.
statement-go = Dosyaya git
statement-no-kind = Bu öneriyi taşıyan bir dosya türü henüz yok.
statement-not-your-role = Bu dosyayı yetkili görevdeki kişi açabilir.
channel-class-exchange = Eşgüdüm kanalı
channel-class-domestic = İç kanal
channel-class-return = Dönüş kanalı
channel-class-measurement = Ölçüm kanalı
channel-reach-up = Bağlı
channel-reach-calling = Aranıyor
channel-reach-elsewhere = Bu düğümün başka bir süreci izliyor
channel-reach-down = Ulaşılamıyor
channel-reach-none = Onun araması bekleniyor
queue-title = Bekleyen açıklamalar
queue-count = { $n ->
    [0] Bekleyen açıklama yok
    [one] Bir açıklama
   *[other] { $n } açıklama
}
queue-left = { $n ->
    [0] hepsi karara bağlandı
    [one] bir öneri
   *[other] { $n } öneri
}
queue-by-feed = kendiliğinden geldi
queue-more = Bunların ardından { $n } açıklama daha bekliyor.
queue-empty = Bekleyen açıklama yok.
queue-empty-more = Yöneticinin belirlediği kaynaklardan gelenler ile yapıştırılıp henüz karara bağlanmayanlar burada durur. Siz onaylamadan hiçbir şey kaydedilmez.
queue-keys = Klavyeyle: sonraki açıklama için J, önceki için K, açmak için Enter.
statement-keys = Klavyeyle, odak listedeyken: sonraki öneri için J, önceki için K, onaylamak için Enter, elemek için X, var olan dosyaya eklemek için S, sonraki açıklama için N.
statement-next = Sonraki açıklama
statement-public = Yayımlandığı yer
dossier-sources = Onu bildiren açıklamalar
alike-heading = Belki var olan bir dosya
alike-join = Aynısı: bu açıklamayı kaynak olarak ekle
alike-reports = Bunu bildirenler ayrıca:
alike-this-text = bu açıklama
alike-body-day = aynı gün aynı organ
alike-session = aynı organın aynı oturumu
alike-parties-day = aynı gün aynı taraflar
alike-body-days = birkaç gün arayla aynı organ
alike-title = benzer başlık
conflict-heading = Kaynaklar farklı söylüyor
conflict-day = Tarih: { $here } { $one }, { $other } { $two } diyor.
conflict-session = Oturum: { $here } { $one }, { $other } { $two } diyor.
conflict-place = Yer: { $here } { $one }, { $other } { $two } diyor.
alike-report = aynı konuyu bildiren bir açıklamadan doğdu
conflict-body = Organ: { $here } { $one }, { $other } { $two } diyor.
conflict-head = { $party } heyetinin başkanı: { $here } { $one }, { $other } { $two } diyor.
