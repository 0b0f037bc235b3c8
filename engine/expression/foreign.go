package expression

import "strings"

// What follows knows the words of other languages, because whoever knows one of them writes its words first.

// foreignFunction is what to write for a function of another language; "" for a word that none has. Its name is compared
// without regard to capital letters and _.
func foreignFunction(name string) string {
	switch plainName(name) {
	case "uppercase", "toupper", "touppercase", "ucase", "upcase":
		return "upper(text)"
	case "lowercase", "tolower", "tolowercase", "lcase", "downcase":
		return "lower(text)"
	case "strlen", "length", "size", "charlength", "sizeof":
		return "len(value)"
	case "regex", "regexp", "regexmatch", "regexmatches", "rematch", "match", "pregmatch":
		return "text matches `pattern`"
	case "includes", "has", "strpos", "instr", "contain", "strcontains":
		return `text contains "word", or value in list`
	case "startswith", "hasprefix", "beginswith", "strstartswith":
		return `text startsWith "word"`
	case "endswith", "hassuffix", "strendswith":
		return `text endsWith "word"`
	case "substring", "substr", "mid", "slice", "left":
		return "text[0:5], or truncate(text, 5) for whole words"
	case "strcat", "concatenate", "concatstrings":
		return "a + b"
	case "strftime", "dateformat", "formatdate", "datetime", "formattime", "todate", "strtotime", "formatdatetime":
		return `format(now, "2 January 2006")`
	case "today", "currenttime", "time", "timestamp", "getdate", "utcnow", "currentdate", "currenttimestamp":
		return "now"
	case "rand", "randint", "randomint", "randominteger", "dice":
		return "random(1, 6)"
	case "choice", "sample", "randomelement", "oneof", "randomchoice":
		return "pick([a, b, c]), or cycle([a, b, c]) for one after the other"
	case "encodeuricomponent", "urlencode", "urlquote", "quoteplus", "escape":
		return "url_encode(text)"
	case "parsejson", "jsonparse", "jsondecode", "loads":
		return "parse_json(text)"
	case "stringify", "jsonencode", "jsonstringify", "dumps":
		return "json(value)"
	case "strip", "chomp":
		return "trim(text)"
	case "replaceall", "gsub", "strreplace":
		return "replace(text, old, new)"
	case "parseint", "toint", "tonumber", "number":
		return "int(text)"
	case "parsefloat", "tofloat", "double":
		return "float(text)"
	case "tostring", "str":
		return "string(value)"
	case "coalesce", "ifnull", "nvl", "default":
		return "a ?? b"
	case "isempty", "empty":
		return "len(value) == 0"
	case "isnull", "isnil", "exists", "defined", "isset":
		return "value != nil"
	case "iif", "ifelse", "cond", "when":
		return "condition ? a : b"
	case "some":
		return "any(list, condition)"
	case "every":
		return "all(list, condition)"
	case "each", "foreach":
		return "map(list, expression)"
	case "striptags", "htmltotext", "striphtml":
		return "text(html)"
	}
	return ""
}

// foreignName is our word for a name that is not called.
func foreignName(name string) string {
	switch plainName(name) {
	case "null", "none", "undefined", "nul":
		return "nil"
	case "true", "false":
		return strings.ToLower(name)
	case "today", "currenttime", "utcnow", "time", "date", "timestamp":
		return "now"
	case "message", "msg", "note", "body", "post", "status", "text", "tweet":
		return "event.content"
	case "user", "username", "sender", "from":
		return "author.name"
	case "entry", "article", "rss":
		return "item.title"
	}
	return ""
}

// foreignMember is what to write for a member that a text or a list has in other languages, such as content.length.
func foreignMember(of, name string, list bool) string {
	switch word := plainName(name); word {
	case "length", "size", "len", "count":
		return "len(" + of + ")"
	case "includes", "contains", "has", "indexof", "contain":
		if list {
			return `"word" in ` + of
		}
		return of + ` contains "word"`
	case "join", "map", "filter", "some", "every", "any", "all", "first", "last", "sort", "reverse":
		if !list {
			return ""
		}
		return map[string]string{
			"join": `join(` + of + `, ", ")`, "some": "any(" + of + ", condition)", "every": "all(" + of + ", condition)",
			"any": "any(" + of + ", condition)", "all": "all(" + of + ", condition)", "map": "map(" + of + ", expression)",
			"filter": "filter(" + of + ", condition)",
		}[word]
	case "startswith", "hasprefix":
		return of + ` startsWith "word"`
	case "endswith", "hassuffix":
		return of + ` endsWith "word"`
	case "match", "matches", "test", "search":
		return of + " matches `pattern`"
	case "tolowercase", "lower", "tolower", "lowercase", "downcase":
		return "lower(" + of + ")"
	case "touppercase", "upper", "toupper", "uppercase", "upcase":
		return "upper(" + of + ")"
	case "trim", "strip":
		return "trim(" + of + ")"
	case "split":
		return "split(" + of + `, ",")`
	case "replace", "replaceall":
		return "replace(" + of + ", old, new)"
	case "substring", "substr", "slice":
		return of + "[0:5]"
	case "tostring", "string":
		return "string(" + of + ")"
	}
	return ""
}

func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
