"""Invented sentences to mask: what holds a name or a number, as `written|masked`, and what holds neither."""

NAMED = """\
Mr Imran took money|Mr [name] took money
Mr. Zubda Khan refused|Mr. [name] refused
Mrs. Nasreen Bibi was insulted|Mrs. [name] Bibi was insulted
Dr. Ayesha Malik treated me well|Dr. [name] treated me well
Dr M Z Lodhi|Dr [name]
dr qarmesh gave the wrong report|dr [name] gave the wrong report
Prof. Ijaz ul Hasan Lodhi said so|Prof. [name] said so
Miss Sadia at the desk was rude|Miss [name] at the desk was rude
Ms. Hina Tarar helped me|Ms. [name] helped me
Advocate Noman Tarar paid|Advocate [name] paid
SI Imran took a bribe|SI [name] took a bribe
S.I. Imran took a bribe|S.I. [name] took a bribe
ASI Ghulam Rasool asked for money|ASI [name] asked for money
Sub-Inspector Zahid Qarmesh shouted|Sub-Inspector [name] shouted
Sub Inspector Tariq was polite|Sub Inspector [name] was polite
Inspector Zubda refused to write|Inspector [name] refused to write
Inspector Imran's behaviour was bad|Inspector [name]'s behaviour was bad
inspector zubda took money from me|inspector [name] took money from me
Constable Waleed pushed my son|Constable [name] pushed my son
Head Constable Muhammad Akram is helpful|Head Constable [name] is helpful
SHO Qarmesh Tarar does not listen|SHO [name] does not listen
SHO: Imran Qureshi|SHO: [name]
S.H.O. Tariq Mehmood ignored me|S.H.O. [name] ignored me
DSP Farrukh called me|DSP [name] called me
DPO Kashif Aslam should know|DPO [name] should know
SP Sarfraz Virk is honest|SP [name] is honest
My name is Zubda Qarmesh and the app fails|My name is [name] and the app fails
my name is sadia|my name is [name]
Ahmed Ali son of Rasheed Ahmed filed it|[name] son of [name] filed it
Zubda s/o Qarmesh, Lahore|[name] s/o [name], Lahore
Saima d/o Akram|[name] d/o [name]
Nasreen w/o Tariq|[name] w/o [name]
Ch. Asif took the file|Ch. [name] took the file
Chaudhry Zahoor called me|Chaudhry [name] called me
Imran sahib did nothing|[name] sahib did nothing
Nasreen bibi waited all day|[name] bibi waited all day
SHO IMRAN QURESHI TOOK MONEY|SHO [name] TOOK MONEY
Sir Imran is a good teacher|Sir [name] is a good teacher
inspector zubair ne paisay mangay|inspector [name] ne paisay mangay
inspector qarmesh ne paisay mangay|inspector [name] ne paisay mangay
constable asif ko bhejo|constable [name] ko bhejo
sho tariq mehmood nahi sunta|sho [name] nahi sunta
moharrar akram ne report nahi likhi|moharrar [name] ne report nahi likhi
asi rafiq ne gali di|asi [name] ne gali di
imran sahib ne kaam kar diya|[name] sahib ne kaam kar diya
qarmesh sahab se baat hui|[name] sahab se baat hui
zubair sb ne jawab nahi diya|[name] sb ne jawab nahi diya
janab imran qureshi sahib meharbani karein|janab [name] sahib meharbani karein
mera naam sana hai|mera naam [name] hai
mera naam zubda qarmesh hai|mera naam [name] hai
Mera naam Bilal Ahmed hai aur app nahi chalti|Mera naam [name] hai aur app nahi chalti
bibi nasreen ki darkhwast|bibi [name] ki darkhwast
dr ayesha ne certificate nahi diya|dr [name] ne certificate nahi diya
thanedar yousaf ne rishwat li|thanedar [name] ne rishwat li
akram wald rasheed|[name] wald [name]
میرا نام عمران ہے|میرا نام [name] ہے
میرا نام زبدہ قرمش ہے|میرا نام [name] ہے
مسٹر عمران نے پیسے مانگے|مسٹر [name] نے پیسے مانگے
مسز نسرین کو بلایا|مسز [name] کو بلایا
ڈاکٹر عائشہ ملک نے دیکھا|ڈاکٹر [name] نے دیکھا
ڈاكٹر عمران نے دیکھا|ڈاكٹر [name] نے دیکھا
انسپکٹر زاہد نے رشوت مانگی|انسپکٹر [name] نے رشوت مانگی
انسپکٹر قرمش نے رشوت مانگی|انسپکٹر [name] نے رشوت مانگی
سب انسپکٹر طارق محمود کا رویہ خراب|سب انسپکٹر [name] کا رویہ خراب
کانسٹیبل آصف نے دھکا دیا|کانسٹیبل [name] نے دھکا دیا
ایس ایچ او عمران قریشی نے رپورٹ نہیں لکھی|ایس ایچ او [name] نے رپورٹ نہیں لکھی
ایس۔ایچ۔او رفیق نے|ایس۔ایچ۔او [name] نے
محرر اکرم نے پرچہ نہیں لکھا|محرر [name] نے پرچہ نہیں لکھا
عمران صاحب نے مدد کی|[name] صاحب نے مدد کی
زبدہ صاحب نے مدد کی|[name] صاحب نے مدد کی
جناب طارق محمود صاحب سے بات ہوئی|جناب [name] صاحب سے بات ہوئی
مسماۃ نسرین بی بی کی درخواست|مسماۃ [name] بی بی کی درخواست
اکرم ولد رشید|[name] ولد [name]
محمد اکرم ولد غلام رسول سکنہ مزنگ|[name] ولد [name] سکنہ مزنگ
نسرین زوجہ طارق|[name] زوجہ [name]
نسرین بی بی کو انصاف دیں|[name] بی بی کو انصاف دیں
چوہدری آصف نے|چوہدری [name] نے
انسپکٹر عمـران نے|انسپکٹر [name] نے
جناب عِمران صاحب|جناب [name] صاحب
Mr\u200bImran|Mr\u200b[name]
Mr.\u00a0Imran|Mr.\u00a0[name]
Inspector \u2067Imran\u2069 ne|Inspector \u2067[name]\u2069 ne
inspector sahiba nahi, Constable Rukhsana thi|inspector sahiba nahi, Constable [name] thi
Inspector (Zubda) ne kaha|Inspector ([name]) ne kaha
Inspector M. Tariq refused|Inspector [name] refused
ASI Abdul-Rehman Tarar took it|ASI [name] took it
zubda ul hasan sahib aaye|zubda ul [name] sahib aaye
SHO zubda imran ne|SHO [name] ne
"""

NUMBERED = """\
car LEA-1234 was stolen|car [plate] was stolen
LHR 09 1234|[plate]
ABC-123 hit me|[plate] hit me
LEB-17-2345|[plate]
LEA 1234|[plate]
lea-1234|[plate]
gari number abc 123 thi|gari number [plate] thi
LE-1234|[plate]
LEA1234|[plate]
lhr 09 1234|[plate]
LEA–۱۲۳۴|[plate]
گاڑی نمبر LEA-١٢٣٤ چوری|گاڑی نمبر [plate] چوری
LEA\u200b-\u200b1234|[plate]
my passport AB1234567 is lost|my passport [passport] is lost
AB 1234567|[passport]
AB-1234567|[passport]
AB 123 4567|[passport]
AB۱۲۳۴۵۶۷|[passport]
passport no ab1234567|passport no [passport]
AB 0300 1234567|AB [phone]
"""

KEPT = """\
SHO ne meri report nahi likhi
Inspector was rude
DPO office is closed
Dr. hospital
Dr hospital mein rush hai
The SHO did not listen to me
sho thana mozang ne kuch nahi kiya
SHO Mozang does not answer
DPO Lahore please take notice
SP Investigation office is far
DSP Traffic should look into this
SHO Iqbal Town is never there
inspector rude tha
inspector ne badtameezi ki
constable ne paisay mangay
constable corrupt hai
Inspector General please help
sub inspector ka rawaiya kharab hai
head constable was on duty
moharrar ghaib tha
I miss the old app
Miss you old version
miss call ati hai
MS Word file does not open
200 ms delay
thori si mushkil hai
chhoti si app hai
chhoti si noor wali baat
asi
Sir please solve this
sir app not working
Dear Sir Madam
Sir Kindly update the app
janab meri darkhwast hai
janab e ali
janab ali
janab app nahi chalti
sahib ne kaha
inspector sahib ne kaha
SHO sahib baat nahi sunte
DPO sahib please
doctor sahib ne kaha
bhai sahib app theek karo
ye log sb chor hain
app sb theek hai
my name is not showing
my name is wrong in the certificate
my name is misspelled
mera naam galat likha hai
mera naam list mein nahi hai
mera naam show nahi ho raha
w/o internet it works
works w/o problem
son of a gun
daughter of my neighbour
makan ka malik hai
malik makan ne kaha
Advocate fees are high
Prof. office hours
Officer Behaviour Was Very Bad
Inspector Attitude Bad
I met the inspector. Rude man.
Call the SHO. Police never came.
I met the constable. Zubda is far away
officer on duty was sleeping
انسپکٹر کا رویہ خراب تھا
ایس ایچ او نے میری رپورٹ نہیں لکھی
ایس ایچ او صاحب نے بات نہیں سنی
ایس ایچ او تھانہ مزنگ نے کچھ نہیں کیا
کانسٹیبل بدتمیز تھا
ڈاکٹر ہسپتال میں نہیں تھا
ڈاکٹر نے رپورٹ دی
جناب میری درخواست ہے
جناب عالی گزارش ہے
جناب والا
جناب ایپ نہیں چلتی
ڈی پی او دفتر بند ہے
ڈی پی او لاہور نوٹس لیں
محرر غائب تھا
میرا نام غلط لکھا ہے
میرا نام فہرست میں نہیں
میرا نام نہیں آ رہا
بھائی صاحب ایپ ٹھیک کریں
والد صاحب بیمار ہیں
وزیر اعلیٰ صاحب نوٹس لیں
سب انسپکٹر موجود نہیں تھا
میری ولدیت غلط ہے
مکان مالک نے کہا
مس کال آتی ہے
سر ایپ نہیں چلتی
افسر نے رشوت مانگی
top 100 apps
version 123
Rs 500 fee
RS 1234567 kat gaye
class 12 students
FIR 123 not registered
FIR-123 not registered
error 404
code 1234
CODE 1234
PKR 5000 paid
section PPC 302
PSL 2023 was good
MAR 09 2023
KH-2345-6789-A is my reference
OTP 1234 is wrong
Android 14
NA-120
PAGE 12
call 1787
janab ali meri darkhwast suniye
asi ki duty
S O S button does nothing
SHO karwayi nahi karta
malik ne paisay liye
Inspector krty kya hain
moharrar. Zubda dur hai
Lhr 2017 version
LEA 12
registration ab 1234567 failed
sho
The Officer
Mr
LHR
"""
