# Yedekten geri yüklenen düğüm
refusal-RCV01 = Bu düğüm, veri tabanı geri yüklenmeden önce bu kanalda söylediklerini yeniden topluyor; tamamlanana kadar bu kanalda işlem kabul etmez.
    .advice = Öteki tarafların düğümlerini bekleyin; günlüğü geri geldiğinde düğüm kendiliğinden devam eder. Neyin eksik olduğunu `tansiq doctor` söyler.
refusal-RCV02 = Bu düğüm, bu kanaldaki günlüğünün ikisi birden doğru olamayacak iki geçmişini imzalamış; hiçbirine ekleme yapmaz.
    .advice = Yöneticiye ve öteki taraflara bildirin; başka bir yedek ya da yeni bir kanal gerekir.
refusal-RCV03 = Kanalın bütün tarafları bu düğümün günlüğünden ne kadarını tuttuğunu henüz söylemedi.
    .advice = Düğümü her tarafa bir kez ulaşıncaya kadar çalıştırın, sonra yeniden deneyin. Kimin eksik olduğunu `tansiq recover` söyler.
refusal-RCV04 = Bir taraf, bu düğümün günlüğünden düğümün kendisinden fazlasını tutuyor. Geri gelebilecek olandan vazgeçilmez.
    .advice = Düğümü çalıştırın ve o tarafa ulaşmasını bekleyin; eksik olan kendiliğinden geri gelir.
refusal-RCV05 = Bu kanalda bu düğümün günlüğünden eksik bir şey yok.
    .advice = Yapılacak bir şey yok.
