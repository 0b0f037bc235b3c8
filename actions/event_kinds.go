package actions

// The kinds of events that are treated in their own way.
const (
	kindProfile        = 0
	kindNote           = 1
	kindFollows        = 3
	kindLegacyDM       = 4
	kindDeletion       = 5
	kindRepost         = 6
	kindReaction       = 7
	kindChat           = 9
	kindThread         = 11
	kindSeal           = 13
	kindPrivateMessage = 14
	kindPrivateFile    = 15
	kindGenericRepost  = 16
	kindURLReaction    = 17
	kindPublicMessage  = 24
	kindChannel        = 40
	kindChannelMessage = 42
	kindGiftWrap       = 1059
	kindComment        = 1111
	kindVoice          = 1222
	kindVoiceComment   = 1244
	kindLiveChat       = 1311
	kindZapReceipt     = 9735
	kindEphemeralWrap  = 21059
	kindArticle        = 30023
	kindLiveActivity   = 30311
)

// isPrivate names the kinds that carry private messages.
func isPrivate(kind int) bool {
	switch kind {
	case kindLegacyDM, kindSeal, kindPrivateMessage, kindPrivateFile, kindGiftWrap, kindEphemeralWrap:
		return true
	}
	return false
}

// isList names the lists that a person has one of (NIP-51, NIP-65): whoever writes one replaces it.
func isList(kind int) bool { return 10000 <= kind && kind <= 10102 }

// isJobRequest names the requests to data vending machines (NIP-90).
func isJobRequest(kind int) bool { return 5000 <= kind && kind < 6000 }
