# Tek kişinin yapamayacağı işler
refusal-APV01 = İkinci bir kişi son bir gün içinde tam olarak bu isteği onaylamadı.
    .advice = İstek numarasını onaylayabilecek görevlilerden birine verin; onaydan sonra aynı isteği yineleyin.
refusal-APV02 = Hiç kimse kendi isteğini onaylayamaz.
    .advice = Onaylayabilecek başka bir görevliye başvurun.
refusal-APV03 = Bunu yalnızca konuyu görme yetkisi de bulunan yayım yetkilisi veya dönüş sorumlusu onaylar; anahtar değişikliğini ise bir eş başkan veya yönetici.
    .advice = İstek numarasını, istekle birlikte adı verilen görevlilerden birine iletin.
refusal-APV04 = İsteğin üzerinden bir günden fazla geçti.
    .advice = Görevli yeniden istekte bulunsun; yeni isteğin ayrı bir numarası olur.
refusal-APV05 = Bu numarada bir istek yok.
    .advice = Numarayı istekte bulunan görevliyle doğrulayın.
refusal-APV06 = Gerekçe yazılmadı veya 2000 karakterden uzun.
    .advice = Ne için gerektiğini bir cümleyle yazın. Bunu denetçi okur.
refusal-APV07 = İstek daha önce onaylandı.
    .advice = Başka bir şey gerekmez; istekte bulunan görevli bir gün içinde devam edebilir.
refusal-APV08 = Bu kayıtla birlikte burada istenen mühürlü bir alan saklanmıyor.
    .advice = Kayıt hiçbir alanı veya bu alanları mühürlememiş ya da mühürlediği yok edilmiş olabilir; geçmişine bakın.
