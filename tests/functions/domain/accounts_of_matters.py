"""Accounts of invented matters, each told by several people in English, Urdu and Roman Urdu."""

MATTERS: dict[str, tuple[str, ...]] = {
    "motorcycle at the market": (
        (
            "My black motorcycle was stolen from outside the gate of Sample Market near Mozang Chowk last night. "
            "The police at the station refused to register an FIR."
        ),
        (
            "Somebody stole a motorbike at Mozang Chowk, at the gate of Sample Market, during the night and the "
            "police station will not write the FIR."
        ),
        (
            "مزنگ چوک میں سیمپل مارکیٹ کے گیٹ کے باہر سے رات کو میری کالی موٹر سائیکل چوری ہو گئی۔ تھانے نے ایف آئی آر "
            "درج کرنے سے انکار کر دیا۔"
        ),
        (
            "Raat ko Mozang Chowk par Sample Market ke gate ke bahar se meri kali motorsaikal chori ho gai, thane "
            "walon ne FIR darj karne se inkar kar diya."
        ),
    ),
    "bribe for release": (
        "The constable demanded a bribe of ten thousand rupees to release my brother from custody at the station.",
        "سپاہی نے میرے بھائی کو حوالات سے رہا کرنے کے لیے دس ہزار روپے رشوت مانگی، تھانے میں۔",
        "Sipahi ne thane mein mere bhai ko hawalat se chorne ke liye das hazar rupay rishwat mangi.",
    ),
    "phone snatched": (
        "Two armed boys on a motorcycle snatched my mobile phone and purse at gunpoint on Canal Road in the evening.",
        "Armed youths on a motorbike snatched a mobile and a wallet on Canal Road at gunpoint this evening.",
        "کینال روڈ پر شام کو دو مسلح لڑکوں نے موٹر سائیکل پر آ کر پستول دکھا کر میرا موبائل اور پرس چھین لیا۔",
        (
            "Sham ko Canal Road par do musalah larkon ne motorsaikal par aa kar pistol dikha kar mera mobile aur "
            "batwa cheen liya."
        ),
    ),
    "plot grabbed": (
        "A group of armed men has occupied our plot in Gulshan Colony and threatens my father with murder.",
        "گلشن کالونی میں ہمارے پلاٹ پر مسلح لوگوں نے قبضہ کر لیا ہے اور والد کو قتل کی دھمکی دیتے ہیں۔",
        (
            "Gulshan Colony mein hamare plot par musalah logon ne qabza kar liya hai aur walid ko qatal ki dhamki "
            "dete hain."
        ),
    ),
    "loudspeaker": (
        "Every night a loudspeaker makes noise in our street near the mosque of Sabz Town; students cannot study.",
        "سبز ٹاؤن کی مسجد کے پاس ہماری گلی میں ہر رات لاؤڈ سپیکر کا شور ہوتا ہے، طلبہ پڑھ نہیں سکتے۔",
        (
            "Sabz Town ki masjid ke paas hamari gali mein har raat loud speaker ka shor hota hai, students parh "
            "nahi sakte."
        ),
    ),
    "buffalo": (
        "Thieves took two buffaloes and a goat from our house in Chak Sample at midnight; the guard was injured.",
        "چک سیمپل میں آدھی رات کو ہمارے گھر سے چور دو بھینسیں اور بکری لے گئے، چوکیدار زخمی ہے۔",
        "Chak Sample mein adhi raat ko hamare ghar se chor do bhens aur bakri le gaye, chowkidar zakhmi hai.",
    ),
    "online fraud": (
        "I was cheated online: somebody made a fake Facebook account with my photo and took money through a bank.",
        "میری تصویر سے جعلی فیس بک اکاؤنٹ بنا کر آن لائن فراڈ کیا گیا اور بینک سے رقم نکالی گئی۔",
        "Meri tasveer se jaali Facebook account bana kar online fraud kiya gaya aur bank se raqam nikali gai.",
    ),
    "girls teased": (
        "Boys on motorcycles tease the girls at the gate of the school in Iqbal Town every morning.",
        "اقبال ٹاؤن میں سکول کے گیٹ پر موٹر سائیکل سوار لڑکے ہر صبح لڑکیوں کو تنگ کرتے ہیں۔",
        "Iqbal Town mein school ke gate par motorsaikal wale larke har subah larkiyon ko tang karte hain.",
    ),
    "signal": (
        "The traffic signal at Ferozepur Road near the hospital has been out of order and there was an accident.",
        "فیروزپور روڈ پر ہسپتال کے پاس ٹریفک سگنل خراب ہے اور حادثہ ہوا۔",
        "Ferozepur Road par haspatal ke paas traffic signal kharab hai aur hadsa hua.",
    ),
    "false report": (
        "The investigating officer wrote a false report against my innocent son after taking money from the tenant.",
        "تفتیشی افسر نے کرایہ دار سے پیسے لے کر میرے بے گناہ بیٹے کے خلاف جھوٹی رپورٹ لکھی۔",
        "Tafteeshi afsar ne kirayedar se paise le kar mere begunah bete ke khilaf jhooti report likhi.",
    ),
    "another motorcycle": (
        "A red motorcycle was stolen from the parking of the hospital in Johar Town this morning while I was inside.",
        "جوہر ٹاؤن کے ہسپتال کی پارکنگ سے آج صبح لال موٹر سائیکل چوری ہوئی۔",
        "Johar Town ke haspatal ki parking se aaj subah laal motorsaikal chori hui.",
    ),
    "another phone": (
        "My mobile phone was stolen in a bus near the court; the police station has not registered the FIR for a week.",
        "عدالت کے پاس بس میں میرا موبائل چوری ہوا، تھانہ ایف آئی آر درج نہیں کرتا۔",
        "Adalat ke paas bus mein mera mobile chori hua, thana FIR darj nahi karta.",
    ),
    "rude at the centre": (
        "The officer at the Khidmat Markaz was rude, abused my mother and made us wait for a character certificate.",
        "خدمت مرکز میں اہلکار نے بدتمیزی کی، میری والدہ کو گالیاں دیں اور کیریکٹر سرٹیفکیٹ کے لیے انتظار کرایا۔",
        (
            "Khidmat Markaz mein ahalkar ne badtameezi ki, meri walida ko galiyan di aur character certificate ke "
            "liye intezar karaya."
        ),
    ),
}

RETOLD: dict[str, tuple[str, ...]] = {
    "motorcycle at the market": (
        (
            "I had parked my bike (Sample Market, Mozang Chowk side) and when I came out of the shop at night it was "
            "gone. The munshi told me to come tomorrow, no FIR."
        ),
        "مزنگ چوک سیمپل مارکیٹ سے موٹر سائیکل غائب ہوئی، رات کا وقت تھا، گیٹ پر چوکیدار بھی نہیں تھا۔",
    ),
    "phone snatched": (
        "Canal Road pe bike par 2 larkay aaye, pistol nikala, mobile aur paise le gaye. Sham 7 baje ki baat hai.",
        "Snatching on Canal Road again: two boys with a pistol, on a bike, took a phone from a lady.",
    ),
    "plot grabbed": (
        (
            "Qabza group ne Gulshan Colony wale plot ki deewar gira di, aslaha ke saath aaye thay, walid sahib ko "
            "dhamkiyan di."
        ),
    ),
    "loudspeaker": (
        "سبز ٹاؤن مسجد والی گلی میں رات گئے تک اونچی آواز میں سپیکر چلتا ہے، شور سے بچے سو نہیں پاتے۔",
    ),
    "girls teased": (
        "My daughter is harassed by boys outside the Iqbal Town school gate; they come on bikes in the morning.",
    ),
    "signal": ("Ferozepur Road signal band hai haspatal wale chowk mein, do din se traffic jam aur hadsay.",),
    "bribe for release": ("ASI asked chai pani to release my brother who is in lock up since Monday.",),
}
"""The same matters as other people might tell them: shorter, longer, with other particulars."""
