product = Tansiq
product-more = The register that states keep together
skip = Skip to the content
languages = Language
navigation = Main navigation
nav-today = Today
nav-all-dossiers = All dossiers
nav-agreement = Agreements
nav-commitment = Commitments
nav-meeting = Meetings
nav-action = Actions
nav-agreed = Agreed and followed up
nav-exchange = Exchange of information
nav-people = People
nav-programmes = Programmes, assessment, publicity
nav-note = Notes verbales
nav-report = Reports and alerts
nav-crossing = Border crossings
nav-return = Returns
nav-consular = Consular matters
nav-programme = Programmes
nav-assessment = Assessments
nav-statements = Joint statements
nav-work = Work
nav-queue = Statements waiting
nav-statement = Read a statement
nav-channels = Channels and evidence
sign-out = Sign out
demo = DEMO
demo-note = Everything shown here is invented.
node-is = Node { $name }
page-of-product = { $page } – Tansiq

label-open = Open
label-restricted = Restricted
label-confidential = Confidential
label-secret = Secret
label-releasable = Releasable to: { $parties }

lang-ar = Arabic
lang-en = English
lang-tr = Turkish

sign-in = Sign in
sign-in-intro = For officers of this node. Use the identifier that your administrator gave you.
sign-in-officer = Officer identifier
sign-in-officer-hint = For example: irq.mofa.secretary
sign-in-password = Password
sign-in-submit = Sign in
sign-in-wrong = The identifier and the password do not belong together, or this account is closed.
sign-in-help = If you cannot sign in, ask the administrator of your node. Nobody else can see or reset a password.
sign-in-ended = You were signed out because nothing happened for 15 minutes. Nothing that you had sent is lost.

today-title = Today
today-waits = Waiting for me
today-waits-hint = Acts that only your institution can do
today-late = Late, and whose it is
today-late-hint = Past the agreed date
today-recent = Recent
today-recent-hint = What the parties recorded last
today-waits-empty = Nothing waits for you.
today-waits-empty-more = When another party proposes something that needs your answer, it stands here.
today-late-empty = Nothing is late.
today-late-empty-more = Commitments and actions appear here on the day after their date.
today-recent-empty = Nothing has been recorded yet.
today-recent-empty-more = Open a first dossier, or paste a statement and let it propose some.
today-see-all = See all

column-reference = Reference
column-title = Subject
column-owner = Responsible
column-due = Due
column-state = State
column-party = Party
column-kind = Kind
column-matter = Matter
rows-caption = { $n ->
    [one] { $n } dossier
   *[other] { $n } dossiers
}
no-date = No date, by agreement

dossiers-title = Dossiers
dossiers-empty = No dossier matches.
dossiers-empty-more = Remove a filter, or search for fewer words.
dossiers-none = There are no dossiers here yet.
dossiers-none-more = Open the first one, or paste a statement and let it propose some.
filter-text = Words or reference
filter-kind = Kind
filter-state = State
filter-party = Party
filter-institution = Institution
filter-channel = Channel
filter-late = Late only
filter-any = Any
filter-apply = Filter
filter-clear = Remove all filters
filter-active = Active filters
filter-remove = Remove filter: { $name }
filters = Filters
paging = Pages
page-previous = Previous
page-next = Next
page-showing = { $from } to { $to } of { $all }

dossier-facts = Key facts
dossier-positions = Position of each party
dossier-positions-hint = Each party states only its own position; an agreement needs the same text from all.
dossier-history = History
dossier-history-hint = In the common order, the same at every party
dossier-acts = What you can do now
dossier-acts-none = There is nothing for you to do here now.
dossier-acts-none-more = Either it is another party's turn, or your role does not include an act at this point.
dossier-more = Other acts
dossier-awaited = What is awaited
dossier-open = Open a dossier
own-party = this party
position-agreed = Agreed
position-proposed = Proposed
position-signed = Signed
position-awaiting = Awaiting since { $date }
position-objects = Objects
position-silent = No position
position-this-text = on text { $hash }
event-by = By
event-claimed = Claimed time
event-witnessed = Witnessed
event-witnessed-by = { $time } by { $party }
event-not-witnessed = not yet witnessed
event-record = Record
event-evidence = Evidence
event-effective = Effective
event-refused = Refused
event-unknown = Not yet judged
event-provisional = Provisional until every party has cosigned
refused-heading = Refused: { $code }
texts-same = Each party has approved each of these texts.
clause = Clause { $number }

form-problems = { $n ->
    [one] There is one problem
   *[other] There are { $n } problems
}
form-kept = What you typed is kept below.
form-optional = (optional)
form-max = { $n ->
    [one] At most one character
   *[other] At most { $n } characters
}
form-none = No date, by agreement
form-choose = Choose …
form-add-row = Add a row
form-remove-row = Remove row { $n }
form-row = Row { $n }
form-exact = You agree to exactly this text:
form-submit = Record
form-continue = Continue
form-cancel = Cancel
form-back = Back and change
form-date-hint = Day, month and year
form-between = From { $min } to { $max }
form-decimal = From { $min } to { $max }, with at most { $n } digits after the point
form-moment = Baghdad time, three hours ahead of Coordinated Universal Time
form-clock = On a clock of 24 hours, such as 06:30
form-sealed = Sealed fields
form-sealed-hint = What is sealed stays on this node, and goes to a named office only by a disclosure.
form-disclosure = The node fills this in from what was sealed before; what was sealed will be shown to every party that the dossier is released to.

confirm-title = Check before you sign
confirm-intro = Your signature stands in the log for ever and cannot be taken back by one side.
confirm-changes = The text has changed since you opened this form. Read it again.
confirm-text = The exact text
confirm-text-hash = Its fingerprint
confirm-what-follows = What follows from it
confirm-password = Your password, once more
confirm-password-hint = A grave act asks again who you are.
confirm-submit = Sign and record

statement-title = Read a statement
statement-intro = Paste a published statement. It proposes dossiers with the words they come from; nothing is recorded until you confirm it.
statement-text = Text of the statement
statement-text-hint = Arabic, Turkish or English. The text stays on this node.
statement-source = Source
statement-source-hint = Who published it, and where
statement-published = Date of publication
statement-read = Read
statement-source-heading = The statement
statement-proposals = { $n ->
    [0] Nothing proposed
    [one] { $n } proposal
   *[other] { $n } proposals
}
statement-none = The text holds nothing that the reader knows.
statement-none-more = You can still open a dossier by hand.
statement-found = Found words { $n }
statement-proposal = Proposal { $n }
statement-from-words = From these words
statement-edit = Change before confirming
statement-confirm = Confirm
statement-drop = Drop
statement-confirmed = Confirmed
statement-dropped = Dropped
statement-other = Paste another statement

channels-title = Channels and evidence
channels-intro = In each channel every party keeps one log. The others cosign it, so that nobody can rewrite what was said.
channel-log = Log
channel-records = { $n ->
    [one] { $n } record
   *[other] { $n } records
}
channel-size = Records
channel-root = Root
channel-witnesses = Cosigned by
channel-reach = Connection
channel-reach-own = This node
channel-behind = { $n ->
    [one] one record not yet cosigned
   *[other] { $n } records not yet cosigned
}
channel-none-yet = nobody yet
channels-empty = This node has no channel yet.
channels-empty-more = An administrator joins a channel with the other parties' public keys.
channels-absent-note = A party that cannot be reached blocks nothing: your acts are recorded now and witnessed when it returns.
channel-published = The logs of this channel are served to outside monitors.
channel-forked = Two trees of this log were signed that cannot both be true (of { $first } and { $second } records); { $party } showed it, { $time }. Nothing more of this log is taken, and all else goes on. The proof is kept: an administrator writes it out with tansiq evidence fork.

problem-refused = The rules do not allow this
problem-advice = What you can do
problem-fault = Something failed on this node
problem-fault-more = Nothing of what you sent is half done: it is either recorded or not. Try again; if it fails again, give the administrator the number below.
problem-operation = Operation
problem-not-found = There is nothing at this address for you
problem-not-found-more = It does not exist, or it is not released to you. The two look the same on purpose.
problem-forbidden = This page is not for your role
problem-forbidden-more = Ask your administrator if your work has changed.
problem-busy = Too much is being asked of this node at once
problem-busy-more = Wait a moment and try again.
problem-read-only = This node can only be read now
problem-read-only-more = Its disk is full or failing. Nothing recorded is lost; new acts wait until the administrator has repaired it.
problem-stale-form = This form is too old
problem-stale-form-more = Open the page again. What you typed is kept below where possible.
problem-back = Back
problem-home = To today's work

row-awaits = Awaits { $party }: { $name }
filter-awaits = Waits for
position-awaited = Awaited
act-joins = This is what the other side has said, or what is on the table. Recorded unchanged, you agree to it; changed, you propose something else.
act-is-mutual = Takes effect once every party has recorded the same.
confirm-mutual = It takes effect when { $parties } sign the same text, and not before.
open-intro = Recording this act opens the dossier and writes it in your party’s log.
open-from-statement = The form is filled with what the statement says, and nothing else. Check it and add what it does not say.
open-choose-act = Choose the act that opens the dossier.
open-choose-channel = Choose the channel to open it in:
open-other-channel = Or open it in another channel:
open-no-channel = No channel that your institution takes part in holds this kind of dossier.
open-audience-hint = The dossier reaches no party that is not chosen here.
statement-go = To the dossier
statement-no-kind = No kind of dossier carries this proposal yet.
statement-not-your-role = An officer with the role for it can open this.
channel-class-exchange = Coordination
channel-class-domestic = Domestic
channel-class-return = Returns
channel-class-measurement = Measurement
channel-reach-up = Connected
channel-reach-calling = Being called
channel-reach-elsewhere = Followed by another process of this node
channel-reach-down = Not reached
channel-reach-none = Waits to be called by it
queue-title = Statements waiting
queue-count = { $n ->
    [0] No statement waits
    [one] One statement
   *[other] { $n } statements
}
queue-left = { $n ->
    [0] all decided
    [one] one proposal
   *[other] { $n } proposals
}
queue-by-feed = came by itself
queue-more = Behind these wait { $n } more.
queue-empty = No statement waits.
queue-empty-more = What comes from the feeds that the administrator has named stands here, and what was pasted and is not decided. Nothing is recorded before you confirm it.
queue-keys = By keyboard: J for the next statement, K for the one before, Enter to open it.
statement-keys = By keyboard, with the focus in the list: J for the next proposal, K for the one before, Enter to confirm, X to drop, S to add it to the dossier that is there, N for the next statement.
statement-next = Next statement
statement-public = Where it was published
dossier-sources = Statements that report it
alike-heading = Perhaps a dossier that is there
alike-join = The same: add this statement as a source
alike-reports = Also reported by:
alike-this-text = this statement
alike-body-day = the same body on the same day
alike-session = the same session of the same body
alike-parties-day = the same parties on the same day
alike-body-days = the same body within days
alike-title = a like title
conflict-heading = The sources differ
conflict-day = Date: { $one } by { $here }, { $two } by { $other }.
conflict-session = Session: { $one } by { $here }, { $two } by { $other }.
conflict-place = Place: { $one } by { $here }, { $two } by { $other }.
alike-report = came from a statement that reports the same
conflict-body = Body: { $one } by { $here }, { $two } by { $other }.
conflict-head = Head of the delegation of { $party }: { $one } by { $here }, { $two } by { $other }.
