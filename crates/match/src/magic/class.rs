//! What a type is good for: the class that alerts and limits speak of, and the extensions that files
//! of a type usually bear.

/// What kind of content a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Runs on a machine, or is loaded by what runs.
    Executable,
    /// Text that an interpreter runs.
    Script,
    /// Holds other files.
    Archive,
    /// Made to be read by people in a program that may run code in it.
    Document,
    /// Markup and data of the web.
    Web,
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// A font.
    Font,
    /// Keys, certificates, signatures and what speaks of them.
    Crypto,
    /// Mail and news.
    Message,
    /// Plain or structured text.
    Text,
    /// Anything else.
    Other,
}

/// The class of a type by its name, with or without parameters; any case of letters.
pub fn class(mime: &str) -> Class {
    let mime = bare(mime);
    for (class, types) in CLASSES {
        if types.iter().any(|t| t.eq_ignore_ascii_case(mime)) {
            return *class;
        }
    }
    let (top, sub) = mime.split_once('/').unwrap_or((mime, ""));
    let office = [
        "vnd.openxmlformats",
        "vnd.oasis.opendocument",
        "vnd.ms-word",
        "vnd.ms-excel",
        "vnd.ms-powerpoint",
    ];
    match top.to_ascii_lowercase().as_str() {
        "image" => Class::Image,
        "audio" => Class::Audio,
        "video" => Class::Video,
        "font" => Class::Font,
        "message" => Class::Message,
        "text" => Class::Text,
        _ if office
            .iter()
            .any(|o| sub.get(..o.len()).is_some_and(|s| s.eq_ignore_ascii_case(o))) =>
        {
            Class::Document
        }
        _ => Class::Other,
    }
}

/// A type's name without parameters and spaces.
fn bare(mime: &str) -> &str {
    mime.split(';').next().unwrap_or(mime).trim()
}

/// Whether content of this type runs on a machine.
pub fn is_executable(mime: &str) -> bool {
    class(mime) == Class::Executable
}

/// Whether content of this type is run by an interpreter.
pub fn is_script(mime: &str) -> bool {
    class(mime) == Class::Script
}

/// Whether a file's name is what one expects of its type: the type has no usual extensions, the
/// name has none, or it has one of the usual.
pub fn names_type(name: &str, mime: &str) -> bool {
    let usual = extensions(mime);
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match last.rsplit_once('.') {
        Some((_, ext)) if !usual.is_empty() => usual.iter().any(|u| u.eq_ignore_ascii_case(ext)),
        _ => true,
    }
}

/// The usual extensions of a type, the commonest first; empty where nobody agrees.
pub fn extensions(mime: &str) -> &'static [&'static str] {
    let mime = bare(mime);
    EXTENSIONS.iter().find(|(m, _)| m.eq_ignore_ascii_case(mime)).map_or(&[], |(_, e)| *e)
}

#[rustfmt::skip]
static CLASSES: &[(Class, &[&str])] = &[
    (Class::Executable, &[
        "application/x-dosexec", "application/x-executable", "application/x-sharedlib", "application/x-object", "application/x-mach-o-executable",
        "application/x-java-applet", "application/java-archive", "application/x-java-pack200", "application/vnd.android.package-archive",
        "application/vnd.android.dex", "application/wasm", "application/x-python-bytecode", "application/x-msdownload", "application/vnd.microsoft.portable-executable",
        "application/x-elf", "application/x-mach-binary", "application/x-pie-executable", "application/x-msdos-program", "application/x-dosdriver",
        "application/vnd.symbian.install", "x-epoc/x-sisx-app", "application/chrome-ext", "application/x-ms-shortcut", "application/x-elc", "application/x-shockwave-flash",
    ]),
    (Class::Script, &[
        "text/x-shellscript", "text/x-perl", "text/x-python", "text/x-ruby", "text/x-php", "text/x-awk", "text/x-tcl", "text/x-lua", "text/x-msdos-batch",
        "application/javascript", "text/javascript", "application/x-javascript", "application/ecmascript", "text/vbscript", "application/x-sh", "application/x-csh",
        "application/x-powershell", "application/hta", "application/x-java-jnlp-file", "text/x-m4", "application/x-shar",
    ]),
    (Class::Archive, &[
        "application/zip", "application/x-zip-compressed", "application/x-gzip", "application/gzip", "application/x-tar", "application/x-rar", "application/vnd.rar",
        "application/x-7z-compressed", "application/x-xz", "application/x-bzip2", "application/x-lzma", "application/x-lz4", "application/x-lzip", "application/x-lrzip",
        "application/zstd", "application/vnd.ms-cab-compressed", "application/x-dmg", "application/x-xar", "application/x-rpm", "application/x-debian-package",
        "application/x-stuffit", "application/x-archive", "application/x-arc", "application/x-eet", "application/x-zoo", "application/x-lzh", "application/x-lha",
        "application/warc", "application/x-arj", "application/x-cpio", "application/x-compress", "application/x-ace", "application/x-vhd", "application/x-vhdx",
        "application/x-svr4-package", "application/x-ia-arc", "application/x-iso9660-image",
    ]),
    (Class::Document, &[
        "application/pdf", "application/vnd.fdf", "text/rtf", "application/rtf", "application/msword", "application/vnd.openxmlformats-officedocument",
        "application/x-msaccess", "application/epub+zip", "application/postscript", "application/x-mif", "application/onenote", "application/mshelp",
        "application/x-gnumeric", "application/vnd.lotus-wordpro", "application/x-ms-reader", "application/vnd.ms-outlook", "application/vnd.ms-tnef",
    ]),
    (Class::Web, &["text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/json", "application/json", "application/soap+xml", "application/xml-rpc", "text/rss", "text/atom",
        "text/css", "text/x-cross-domain-policy", "application/xml-sitemap", "application/f4m", "magnus-internal/cold-fusion"]),
    (Class::Font, &["application/font-woff", "application/font-woff2", "application/x-font-ttf", "application/x-font-sfn", "application/vnd.ms-opentype", "application/vnd.ms-fontobject",
        "application/vnd.font-fontforge-sfd"]),
    (Class::Audio, &["application/ogg", "application/vnd.rn-realmedia"]),
    (Class::Crypto, &["application/ocsp-request", "application/ocsp-response", "application/x-x509-user-cert", "application/x-x509-ca-cert", "application/pkix-cert", "application/x-pem",
        "application/x-pem-key", "application/pkcs7-signature", "application/pgp", "application/pgp-keys", "application/pgp-signature", "application/x-pgp-keyring", "application/x-gnupg-keyring",
        "text/PGP", "application/x-java-keystore", "application/x-java-jce-keystore"]),
];

#[rustfmt::skip]
static EXTENSIONS: &[(&str, &[&str])] = &[
    ("application/x-dosexec", &["exe", "dll", "sys", "scr", "com", "ocx", "cpl", "efi", "drv", "pif", "mui", "ax", "acm", "tsp", "node", "pyd", "xll"]),
    ("application/x-executable", &["elf", "bin", "out", "run"]),
    ("application/x-sharedlib", &["so", "elf", "bin"]),
    ("application/x-object", &["o", "ko"]),
    ("application/x-mach-o-executable", &["macho", "dylib", "bundle", "o"]),
    ("application/x-java-applet", &["class"]),
    ("application/java-archive", &["jar", "war", "ear", "apk", "aar"]),
    ("application/vnd.android.package-archive", &["apk"]),
    ("application/vnd.android.dex", &["dex"]),
    ("application/wasm", &["wasm"]),
    ("application/x-python-bytecode", &["pyc", "pyo"]),
    ("application/x-ms-shortcut", &["lnk"]),
    ("application/x-shockwave-flash", &["swf"]),
    ("application/chrome-ext", &["crx", "crx3"]),
    ("application/zip", &["zip"]),
    ("application/x-gzip", &["gz", "tgz"]),
    ("application/x-tar", &["tar"]),
    ("application/x-rar", &["rar"]),
    ("application/x-7z-compressed", &["7z"]),
    ("application/x-xz", &["xz", "txz"]),
    ("application/x-bzip2", &["bz2", "tbz"]),
    ("application/zstd", &["zst"]),
    ("application/vnd.ms-cab-compressed", &["cab", "msu", "psf"]),
    ("application/x-dmg", &["dmg"]),
    ("application/x-rpm", &["rpm"]),
    ("application/x-debian-package", &["deb"]),
    ("application/pdf", &["pdf"]),
    ("text/rtf", &["rtf", "doc"]),
    ("application/msword", &["doc", "xls", "ppt", "msi", "msp", "msg", "dot", "xlt", "pps", "vsd", "pub", "mst", "db"]),
    ("application/vnd.openxmlformats-officedocument", &["docx", "xlsx", "pptx", "docm", "xlsm", "pptm"]),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx", "docm", "dotx", "dotm"]),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx", "xlsm", "xltx", "xlam", "xlsb"]),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx", "pptm", "ppsx", "potx"]),
    ("application/onenote", &["one"]),
    ("application/x-msaccess", &["mdb", "accdb"]),
    ("application/mshelp", &["chm"]),
    ("application/postscript", &["ps", "eps", "ai"]),
    ("text/html", &["html", "htm", "xhtml", "shtml"]),
    ("application/xml", &["xml"]),
    ("text/json", &["json"]),
    ("application/javascript", &["js", "mjs"]),
    ("text/x-shellscript", &["sh"]),
    ("text/x-python", &["py"]),
    ("text/x-perl", &["pl", "pm"]),
    ("text/x-ruby", &["rb"]),
    ("text/x-php", &["php"]),
    ("text/x-msdos-batch", &["bat", "cmd"]),
    ("text/plain", &["txt"]),
    ("text/ini", &["ini", "inf", "cfg", "conf"]),
    ("text/calendar", &["ics"]),
    ("text/x-vcard", &["vcf"]),
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/png", &["png"]),
    ("image/gif", &["gif"]),
    ("image/x-icon", &["ico"]),
    ("image/x-ms-bmp", &["bmp", "dib"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/webp", &["webp"]),
    ("image/svg+xml", &["svg"]),
    ("image/avif", &["avif"]),
    ("image/heic", &["heic", "heif"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/x-wav", &["wav"]),
    ("audio/x-flac", &["flac"]),
    ("application/ogg", &["ogg", "oga", "ogv"]),
    ("video/mp4", &["mp4", "m4v", "m4s"]),
    ("video/webm", &["webm"]),
    ("video/x-matroska", &["mkv", "mka"]),
    ("video/x-msvideo", &["avi"]),
    ("video/quicktime", &["mov", "qt"]),
    ("video/x-flv", &["flv"]),
    ("video/mp2t", &["ts"]),
    ("application/font-woff", &["woff"]),
    ("application/font-woff2", &["woff2"]),
    ("application/x-font-ttf", &["ttf"]),
    ("application/vnd.ms-fontobject", &["eot"]),
    ("application/vnd.ms-opentype", &["otf"]),
    ("application/vnd.tcpdump.pcap", &["pcap", "pcapng", "cap"]),
    ("application/ocsp-request", &["orq"]),
    ("application/ocsp-response", &["ors"]),
    ("application/pkix-cert", &["cer", "crt", "der"]),
    ("application/x-pem", &["pem", "crt"]),
    ("message/rfc822", &["eml", "mht"]),
    ("application/x-bittorrent", &["torrent"]),
    ("application/vnd.ms-reg", &["reg"]),
    ("application/vnd.sqlite3", &["sqlite", "db"]),
];
