product = تنسيق
product-more = سجلّ العمل المشترك بين الدول
skip = انتقل إلى المحتوى
languages = اللغة
navigation = التنقل الرئيس
nav-today = اليوم
nav-all-dossiers = جميع الملفات
nav-agreement = الاتفاقيات
nav-commitment = الالتزامات
nav-meeting = الاجتماعات
nav-action = إجراءات المتابعة
nav-agreed = الاتفاق والمتابعة
nav-exchange = تبادل المعلومات
nav-people = الأشخاص
nav-programmes = البرامج والتقييم والإعلام
nav-note = المذكرات الشفوية
nav-report = التقارير والإنذارات
nav-crossing = المنافذ الحدودية
nav-return = العودة
nav-consular = الشؤون القنصلية
nav-programme = البرامج
nav-assessment = التقييمات
nav-statements = البيانات المشتركة
nav-work = العمل
nav-queue = بيانات بانتظار النظر
nav-statement = قراءة بيان
nav-channels = القنوات والإثبات
sign-out = تسجيل الخروج
demo = تجريبي
demo-note = كل ما يظهر هنا مختلق لغرض العرض.
node-is = العقدة { $name }
page-of-product = { $page } – تنسيق

label-open = غير مصنَّف
label-restricted = مقيَّد
label-confidential = سرّي
label-secret = سرّي للغاية
label-releasable = للإفراج إلى: { $parties }

lang-ar = العربية
lang-en = الإنكليزية
lang-tr = التركية

sign-in = تسجيل الدخول
sign-in-intro = لموظفي هذه العقدة. استعمل المعرِّف الذي سلّمه إليك مدير العقدة.
sign-in-officer = معرِّف الموظف
sign-in-officer-hint = مثال: irq.mofa.secretary
sign-in-password = كلمة المرور
sign-in-submit = دخول
sign-in-wrong = المعرِّف وكلمة المرور لا يتطابقان، أو أن هذا الحساب مغلق.
sign-in-help = إذا تعذّر عليك الدخول فراجع مدير العقدة. لا يستطيع أحد سواه إعادة تعيين كلمة المرور، ولا يراها أحد.
sign-in-ended = انتهت جلستك لعدم النشاط مدة 15 دقيقة. لم يضِع شيء مما أرسلته.

today-title = اليوم
today-waits = بانتظاري
today-waits-hint = إجراءات لا تقوم بها إلا مؤسستك
today-late = المتأخر، وعلى مَن
today-late-hint = تجاوز الموعد المتفق عليه
today-recent = الأحدث
today-recent-hint = آخر ما سجّلته الأطراف
today-waits-empty = لا شيء بانتظارك.
today-waits-empty-more = يظهر هنا كل ما يقترحه طرف آخر ويحتاج إلى جوابك.
today-late-empty = لا تأخير.
today-late-empty-more = تظهر هنا الالتزامات وإجراءات المتابعة في اليوم التالي لموعدها.
today-recent-empty = لم يُسجَّل شيء بعد.
today-recent-empty-more = افتح ملفًا أول، أو الصق بيانًا ليقترح ملفات منه.
today-see-all = عرض الكل

column-reference = المرجع
column-title = الموضوع
column-owner = الجهة المكلَّفة
column-due = الاستحقاق
column-state = الحالة
column-party = الطرف
column-kind = النوع
column-matter = المسألة
rows-caption = { $n ->
    [zero] لا ملفات
    [one] ملف واحد
    [two] ملفان
    [few] { $n } ملفات
    [many] { $n } ملفًا
   *[other] { $n } ملف
}
no-date = بلا موعد، بالاتفاق

dossiers-title = الملفات
dossiers-empty = لا ملف يطابق ما طلبت.
dossiers-empty-more = أزِل أحد عوامل التصفية، أو ابحث بكلمات أقل.
dossiers-none = لا ملفات هنا بعد.
dossiers-none-more = افتح الملف الأول، أو الصق بيانًا ليقترح ملفات منه.
filter-text = كلمات أو رقم مرجع
filter-kind = النوع
filter-state = الحالة
filter-party = الطرف
filter-institution = المؤسسة
filter-channel = القناة
filter-late = المتأخر فقط
filter-any = الكل
filter-apply = تصفية
filter-clear = إزالة كل عوامل التصفية
filter-active = عوامل التصفية النافذة
filter-remove = إزالة عامل التصفية: { $name }
filters = التصفية
paging = الصفحات
page-previous = السابق
page-next = التالي
page-showing = من { $from } إلى { $to } من أصل { $all }

dossier-facts = الوقائع الأساسية
dossier-positions = موقف كل طرف
dossier-positions-hint = لا يعلن كل طرف إلا موقفه هو، ولا يتم الاتفاق إلا على نص واحد من الجميع.
dossier-history = السجل الزمني
dossier-history-hint = بالترتيب المشترك، وهو نفسه لدى كل طرف
dossier-acts = ما يمكنك فعله الآن
dossier-acts-none = لا إجراء مطلوبًا منك هنا الآن.
dossier-acts-none-more = إما أن الدور لطرف آخر، أو أن صفتك لا تشمل إجراءً في هذه المرحلة.
dossier-more = إجراءات أخرى
dossier-awaited = المنتظَر
dossier-open = فتح ملف
own-party = هذا الطرف
position-agreed = موافق
position-proposed = مقترِح
position-signed = وقّع
position-awaiting = بانتظاره منذ { $date }
position-objects = معترض
position-silent = لم يعلن موقفًا
position-this-text = على النص { $hash }
event-by = من قِبل
event-claimed = الوقت المعلن
event-witnessed = المشهود
event-witnessed-by = { $time } بشهادة { $party }
event-not-witnessed = لم يُشهد عليه بعد
event-record = القيد
event-evidence = الإثبات
event-effective = نافذ
event-refused = مردود
event-unknown = لم يُبَتّ فيه بعد
event-provisional = مؤقت إلى أن توقّع عليه جميع الأطراف
refused-heading = مردود: { $code }
texts-same = وافق كل طرف على كل نص من هذه النصوص.
clause = الفقرة { $number }

form-problems = { $n ->
    [zero] لا أخطاء
    [one] يوجد خطأ واحد
    [two] يوجد خطآن
    [few] توجد { $n } أخطاء
    [many] يوجد { $n } خطأً
   *[other] يوجد { $n } خطأ
}
form-kept = ما كتبته محفوظ أدناه.
form-optional = (اختياري)
form-max = { $n ->
    [zero] لا يُقبل أي حرف
    [one] حرف واحد على الأكثر
    [two] حرفان على الأكثر
    [few] { $n } أحرف على الأكثر
    [many] { $n } حرفًا على الأكثر
   *[other] { $n } حرف على الأكثر
}
form-none = بلا موعد، بالاتفاق
form-choose = اختر…
form-add-row = إضافة سطر
form-remove-row = حذف السطر { $n }
form-row = السطر { $n }
form-exact = أنت توافق على هذا النص بعينه:
form-submit = تسجيل
form-continue = متابعة
form-cancel = إلغاء
form-back = رجوع للتعديل
form-date-hint = اليوم والشهر والسنة
form-between = من { $min } إلى { $max }
form-decimal = من { $min } إلى { $max }، بأرقام عشرية لا تزيد على { $n }
form-moment = بتوقيت بغداد (يسبق التوقيت العالمي المنسَّق بثلاث ساعات)
form-clock = بنظام 24 ساعة، مثل 06:30
form-sealed = حقول مختومة
form-sealed-hint = ما يُختم هنا يبقى على هذه العقدة، ولا يصل إلى جهة مسمّاة إلا بإجراء كشف.
form-disclosure = تملؤه العقدة مما خُتم من قبل، ويصبح ما خُتم مكشوفًا للأطراف المفرَج لها.

confirm-title = راجِع قبل التوقيع
confirm-intro = يبقى توقيعك في السجل دائمًا، ولا يسحبه طرف واحد.
confirm-changes = تغيّر النص منذ أن فتحت هذه الاستمارة. اقرأه من جديد.
confirm-text = النص بعينه
confirm-text-hash = بصمته
confirm-what-follows = ما يترتب عليه
confirm-password = كلمة المرور مرة أخرى
confirm-password-hint = يُطلب التحقق من هويتك ثانية في الإجراءات الجسيمة.
confirm-submit = توقيع وتسجيل

statement-title = قراءة بيان
statement-intro = الصق بيانًا منشورًا، فتُقترح منه ملفات مع الألفاظ التي أُخذت منها. لا يُسجَّل شيء قبل تأكيدك.
statement-text = نص البيان
statement-text-hint = بالعربية أو التركية أو الإنكليزية. يبقى النص في هذه العقدة.
statement-source = المصدر
statement-source-hint = من نشره وأين
statement-published = تاريخ النشر
statement-read = قراءة
statement-source-heading = البيان
statement-proposals = { $n ->
    [zero] لا مقترحات
    [one] مقترح واحد
    [two] مقترحان
    [few] { $n } مقترحات
    [many] { $n } مقترحًا
   *[other] { $n } مقترح
}
statement-none = ليس في النص ما يعرفه القارئ.
statement-none-more = يمكنك مع ذلك فتح ملف بنفسك.
statement-found = ألفاظ المقترح { $n }
statement-proposal = المقترح { $n }
statement-from-words = من هذه الألفاظ
statement-edit = تعديل قبل التأكيد
statement-confirm = تأكيد
statement-drop = استبعاد
statement-confirmed = تم تأكيده
statement-dropped = استُبعد
statement-other = لصق بيان آخر

channels-title = القنوات والإثبات
channels-intro = لكل طرف في كل قناة سجلّ واحد، توقّع عليه الأطراف الأخرى فلا يستطيع أحد أن يعيد كتابة ما قيل.
channel-log = السجل
channel-records = { $n ->
    [zero] لا قيود
    [one] قيد واحد
    [two] قيدان
    [few] { $n } قيود
    [many] { $n } قيدًا
   *[other] { $n } قيد
}
channel-size = القيود
channel-root = الجذر
channel-witnesses = شهد عليه
channel-reach = الاتصال
channel-reach-own = هذه العقدة
channel-behind = { $n ->
    [zero] لا قيود بلا شهادة
    [one] قيد واحد لم يُشهد عليه بعد
    [two] قيدان لم يُشهد عليهما بعد
    [few] { $n } قيود لم يُشهد عليها بعد
    [many] { $n } قيدًا لم يُشهد عليها بعد
   *[other] { $n } قيد لم يُشهد عليها بعد
}
channel-none-yet = لا أحد بعد
channels-empty = لا قناة لهذه العقدة بعد.
channels-empty-more = يضيف مدير العقدة القناة بالمفاتيح العلنية للأطراف الأخرى.
channels-absent-note = غياب طرف لا يوقف شيئًا: تُسجَّل إجراءاتك الآن ويُشهد عليها حين يعود.
channel-published = سجلات هذه القناة معروضة لمن يراقبها من الخارج.
channel-forked = وُقّعت لهذا السجل شجرتان لا تصحّان معًا ({ $first } و{ $second } قيدًا)، وأظهر ذلك { $party } في { $time }. لا يُؤخذ من هذا السجل شيء بعد الآن، وكل ما سواه ماضٍ. الدليل محفوظ، ويكتبه مدير العقدة بالأمر tansiq evidence fork.

problem-refused = القواعد لا تسمح بهذا
problem-advice = ما يمكنك فعله
problem-fault = حدث خلل في هذه العقدة
problem-fault-more = لا شيء مما أرسلته نصف منجز: إما سُجِّل وإما لم يُسجَّل. حاول ثانية، وإذا تكرر الخلل فأبلغ مدير العقدة بالرقم أدناه.
problem-operation = رقم العملية
problem-not-found = لا شيء لك في هذا العنوان
problem-not-found-more = إما أنه غير موجود، أو أنه غير مُفرَج عنه لك. والحالتان متماثلتان قصدًا.
problem-forbidden = هذه الصفحة ليست لصفتك
problem-forbidden-more = راجع مدير العقدة إذا تغيّر عملك.
problem-busy = الطلبات على هذه العقدة كثيرة في آن واحد
problem-busy-more = انتظر قليلًا ثم حاول ثانية.
problem-read-only = هذه العقدة للقراءة فقط الآن
problem-read-only-more = قرصها ممتلئ أو معطوب. لم يضِع شيء مما سُجِّل، وتنتظر الإجراءات الجديدة إصلاح مدير العقدة.
problem-stale-form = هذه الاستمارة قديمة
problem-stale-form-more = افتح الصفحة من جديد. ما كتبته محفوظ أدناه ما أمكن.
problem-back = رجوع
problem-home = إلى عمل اليوم

row-awaits = بانتظار { $party }: { $name }
filter-awaits = بانتظار
position-awaited = بانتظاره
act-joins = هذا ما أعلنه الطرف الآخر أو ما هو معروض الآن. إن سجّلته كما هو فقد وافقت عليه؛ وإن غيّرته فقد اقترحت غيره.
act-is-mutual = لا يسري إلا حين يسجّله كل طرف بالمحتوى نفسه.
confirm-mutual = يسري حين توقّع { $parties } على النص نفسه، لا قبل ذلك.
open-intro = يُفتح الملف بتسجيل هذا الإجراء، ويُكتب في سجلّ طرفك.
open-from-statement = مُلئت الاستمارة مما ورد في البيان وحده. راجعها وأكمل ما لم يذكره.
open-choose-act = اختر ما تفتح به الملف.
open-choose-channel = اختر القناة التي يُفتح فيها:
open-other-channel = أو افتحه في قناة أخرى:
open-no-channel = لا قناة تشارك فيها مؤسستك تقبل هذا النوع من الملفات.
open-audience-hint = لا يصل الملف إلى طرف لم يُختر هنا.
statement-go = إلى الملف
statement-no-kind = لا نوع من الملفات يحمل هذا المقترح بعد.
statement-not-your-role = يفتح هذا الملف من يحمل الصفة المخوّلة.
channel-class-exchange = قناة تنسيق
channel-class-domestic = قناة داخلية
channel-class-return = قناة عودة
channel-class-measurement = قناة قياس
channel-reach-up = متصل
channel-reach-calling = جارٍ الاتصال
channel-reach-elsewhere = تتولّاه عملية أخرى لهذه العقدة
channel-reach-down = غير متصل
channel-reach-none = بانتظار أن يتصل بنا
queue-title = بيانات بانتظار النظر
queue-count = { $n ->
    [0] لا بيان بانتظار النظر
    [one] بيان واحد
    [two] بيانان
    [few] { $n } بيانات
    [many] { $n } بيانًا
   *[other] { $n } بيان
}
queue-left = { $n ->
    [0] بُتّ فيه كله
    [one] مقترح واحد
    [two] مقترحان
    [few] { $n } مقترحات
    [many] { $n } مقترحًا
   *[other] { $n } مقترح
}
queue-by-feed = ورد تلقائيًا
queue-more = وبعدها في الانتظار: { $n }.
queue-empty = لا بيان بانتظار النظر.
queue-empty-more = يرد هنا ما تجلبه المصادر التي يحددها مدير العقدة، وما لم يُبتّ فيه من بيانات أُلصقت. لا يُسجَّل شيء قبل تأكيدك.
queue-keys = بلوحة المفاتيح: J للبيان التالي، K للسابق، Enter لفتحه.
statement-keys = بلوحة المفاتيح، والتركيز في القائمة: J للمقترح التالي، K للسابق، Enter للتأكيد، X للاستبعاد، S لضمّه إلى الملف القائم، N للبيان التالي.
statement-next = البيان التالي
statement-public = حيث نُشر
dossier-sources = البيانات التي تذكره
alike-heading = لعلّه ملف قائم
alike-join = هو نفسه: أضف هذا البيان مصدرًا
alike-reports = يذكره أيضًا:
alike-this-text = هذا البيان
alike-body-day = الهيئة نفسها في اليوم نفسه
alike-session = الدورة نفسها للهيئة نفسها
alike-parties-day = الأطراف أنفسهم في اليوم نفسه
alike-body-days = الهيئة نفسها في أيام متقاربة
alike-title = عنوان مشابه
conflict-heading = في المصادر اختلاف
conflict-day = التاريخ: { $one } بحسب { $here }، و{ $two } بحسب { $other }.
conflict-session = الدورة: { $one } بحسب { $here }، و{ $two } بحسب { $other }.
conflict-place = المكان: { $one } بحسب { $here }، و{ $two } بحسب { $other }.
alike-report = نشأ عن بيان يذكر الأمر نفسه
conflict-body = الهيئة: { $one } بحسب { $here }، و{ $two } بحسب { $other }.
conflict-head = رئيس وفد { $party }: { $one } بحسب { $here }، و{ $two } بحسب { $other }.
