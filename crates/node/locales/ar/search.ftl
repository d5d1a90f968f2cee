# البحث في النصوص.
search-title = البحث
search-everywhere = ابحث في كل شيء
search-words = كلمات أو أسماء أو تواريخ أو رقم مرجعي
search-go = ابحث
search-help = ما الذي يمكن كتابته
search-hits = ما عُثر عليه
search-narrow = تضييق النتائج
search-none = لم يُعثر على شيء.
search-none-more = جرّب كلمات أقل، أو بداية كلمة تليها نجمة، أو كتابة أخرى للاسم.

search-kind = النوع
search-state = الحالة
search-party = الطرف
search-institution = الجهة
search-label = درجة السرية
search-place = المكان
search-year = السنة
search-month = الشهر
search-channel = القناة
search-since = منذ

search-help-all-example = لجنة الحدود
search-help-all = كل هذه الكلمات، بأي ترتيب وبأي صيغة من صيغها
search-help-phrase-example = «اللجنة المشتركة»
search-help-phrase = هذه الكلمات متتالية
search-help-prefix-example = تنس*
search-help-prefix = الكلمات التي تبدأ هكذا؛ حرفان على الأقل
search-help-without-example = الحدود -الجمارك
search-help-without = حيث لا ترد الكلمة الثانية
search-help-title-example = عنوان:اتفاقية نوع:اجتماع مكان:"الأنبار"
search-help-title = في العناوين وحدها؛ مع التضييق بالنوع والحالة والطرف والجهة والسرية والمكان والسنة والشهر
search-help-day-example = 15 تشرين الأول 2025
search-help-day = يوم أو شهر، كيفما كتبته النصوص
search-help-names-example = الأعرجي
search-help-names = الاسم بالحروف العربية يُعثر عليه بالحروف اللاتينية، والعكس
