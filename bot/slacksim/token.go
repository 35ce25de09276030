package slacksim

// TokenKind is the kind of a token.
type TokenKind string

// The kinds of tokens an app has here.
const (
	BotToken TokenKind = "bot" // xoxb-…
	AppToken TokenKind = "app" // xapp-…, made by hand with connections:write
	AnyToken TokenKind = "any"
)
