/// Letters and digits that look like Latin ones, one line for each: the one they look like, a blank, the others.
///
/// From Unicode's confusables (UTS #39) and compatibility mappings, limited to single characters. What looks like `i` or
/// `1` stands with `l`, and what looks like `0` with `o`.
enum LookAlikes {
    static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? { table[scalar] }

    private static let table: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for line in lines.split(separator: "\n") {
            let scalars = line.unicodeScalars
            guard let plain = scalars.first else { continue }
            for other in scalars.dropFirst(2) { table[other] = plain }
        }
        return table
    }()

    private static let lines = """
        2 ²ƧϨᒿ₂②ꙄꛯꝚ🯲
        3 ³ƷȜЗӠ₃③ⳌꝪꞫ𑣊𖼻𝈆🯳
        4 Ꮞ⁴₄④𑢯🯴
        5 Ƽ⁵₅⑤𑢻🯵
        6 бᏮ⁶₆⑥Ⳓ𑣕🯶
        7 ⁷₇⑦𐓒𑣆𝈒🯷
        8 Ȣȣ৪੪ᴽ⁸₈⑧𐌚🯸
        9 ৭੧୨൭⁹₉⑨ⳊꝮ𑢬𑣌𑣖🯹
        a ªɑΑαАаᎪᗅᴬᵃᵅₐ⍺Ⓐⓐꓮ𐊠𖽀🄰
        b ƄΒВЬᏏᏴᑲᖯᗷᴮᵇℬⒷⓑꓐꞴ𐊂𐊡𐌁🄱
        c ϲϹСсᏟᴄᶜℂℭⅭⅽⒸⓒⲤⲥꓚꟲꮯ𐊢𐌂𐐕𐐽𐔜𑣩𑣲🄫🄲🝌
        d ԁᎠᏧᑯᗞᗪᴰᵈⅅⅆⅮⅾⒹⓓꓒꓓ🄳
        e ΕЕеҽᎬᴱᵉₑ℮ℯℰⅇ⋿Ⓔⓔⴹꓰꬲ𐊆𑢦𑢮🄴
        f ϜքᖴᶠẝℱⒻⓕꓝꞘꞙꟳꬵ𐊇𐊥𐔥𑢢𑣂𝈓🄵
        g ƍɡԌցᏀᏳᴳᵍᶃᶢℊⒼⓖꓖ🄶
        h ʰΗНһհᎻᏂᕼᴴₕℋℌℍℎⒽⓗⲎꓧ𐋏🄷
        j ʲͿϳЈјᎫᒍᴶⅉⒿⓙⱼꓙꞲ🄹
        k ΚКᏦᛕᴷᵏₖKⓀⓚⲔꓗ𐔘🄺
        l ¹ıƖǀɩɪ˛ˡͺΙιІіӀӏ۱ᎥᏞᒪᛁᴵᴸᵢᶥᶦιⁱ₁ₗℐℑℒℓℹⅈⅠⅬⅰⅼ∣⍳⏽①ⒾⓁⓘⓛⲒⳐⵏꓡꓲꙇꭵ￨𐊊𐌉𐌠𐐛𐔦𐞶𑢣𑢲𑣃𖼖𖼨𝈪🄸🄻🯱
        m ΜϺМᎷᗰᛖᴹᵐₘℳⅯⅿⓂⓜⲘꓟ𐊰𐌑🄼
        n ΝոռᴺⁿₙℕⓃⓝⲚꓠ𐔓🄽
        o ºΟοσОоՕօ۵०০੦૦ଠ୦௦౦೦ഠ൦๐໐ဝ၀ჿዐᴏᴑᴼᵒ⁰₀ₒℴⓄⓞ⓪Ⲟⲟⵔ〇ꓳꬽ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑓐𑢵𑣈𑣗𑣠🄾🯰
        p ΡρϱРрᏢᑭᴾᵖᵨₚℙ⍴ⓅⓟⲢⲣꓑ𐊕🄿
        q ԛգզℚⓆⓠⵕꟴ𐞥🅀
        r ƦʳгᎡᏒᖇᴦᴿᵣℛℜℝⓇⓡⲅꓣꭇꭈꮁ𐒴𖼵𝈖🄬🅁
        s ſƽˢЅѕՏᏕᏚₛⓈⓢꓢꜱꮪ𐊖𐐠𐑈𑣁𖼺🅂
        t ΤТᎢᵀᵗₜ⊤Ⓣⓣ⟙Ⲧꓔ𐊗𐊱𐌕𑢼𖼊🅃🝨
        u ʋυՍսሀᑌᴜᵁᵘᵤᶸᶹ∪⋃Ⓤⓤꓴꞟꭎꭒꭟ𐓎𐓶𑢸𑣘𖽂🅄
        v νѴѵ۷ᏙᐯᴠᵛᵥⅤⅴ∨⋁Ⓥⓥⱽⴸꓦꛟꮩ𐔝𑜆𑢠𑣀𖼈𝈍🅅
        w ɯʷѡԜԝաᎳᏔᴡᵂᵚⓌⓦꓪꮃ𑜊𑜎𑜏𑣦𑣯🅆
        x ×ˣΧХхᕁᕽ᙭᙮ᚷₓⅩⅹⓍⓧ╳⤫⤬⨯ⲬⵝꓫꞳ𐊐𐊴𐌗𐌢𐔧𑣬🅇
        y ɣʏʸˠΥγϒУуҮүყᎩᎽᵞᵧᶌỿℽⓎⓨⲨꓬꭚ𐊲𐞲𑢤𑣜𖽃🅈
        z ΖᏃᴢᶻℤℨⓏⓩꓜꮓ𐋵𑢩𑣄𑣥🅉
        à ὰᾺ
        á ΆάάΆ
        ä Ӓӓ
        è ЀѐῈ
        é ΈΈ
        ë Ёё
        ì ὶῚ
        í ΊίίΊ
        ï ΪϊЇї
        ò ὸῸ
        ó ΌόόΌ
        ö Ӧӧ
        ù ὺ
        ú ύύ
        ü ϋ
        ý ΎϓΎ
        ÿ ΫϔӰӱ
        ā ᾱᾹ
        ă ӐӑᾰᾸ
        ĕ Ӗӗ
        ī ῑῙ
        ĭ ῐῘ
        ŕ ѓ
        ū ῡ
        ŭ ῠ
        ȳ ӮӯῩ
        ḱ Ќ
        ỳ Ὺ
        """
}
