"""What `gitops deploy-key --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

_JSON = """
\b
JSON (-o json); stable while version is 1:
  version     1
  stack       its name
  fine        true or false, as the exit code says
  keys        in the order of the table, each with
    credential, key, active
                the stack's names; key is null for a repository as a whole
    repository, host
                owner/name, and the host of its URL
    forge       Gitea, GitHub, or null: nobody was asked
    state       registered, absent, left-over, too-old, next, kept, removed,
                would-register, would-remove, refused, not-asked
    id          the forge's own, or null
    fine        false: something that was asked for is not so
    text        as the table says it
"""

DEPLOY_KEY = """Generated SSH keys of the stack at Gitea or GitHub.

A credential of type ssh with `generated` keys has them made by `pulumi up`; the
forge has to know their public halves. To change a key without a moment in which
neither works:

\b
  1. add a name to `generated`, and pulumi up       the new key exists
  2. gitops deploy-key register                     the forge knows both
  3. set `active` to it, and pulumi up              Flux uses the new one
  4. gitops deploy-key retire                       the forge forgets the old one
  5. take the old name off `generated`, pulumi up   it is gone

\b
Which forge is asked about a repository, by the host of its URL:
  the host of --api-url, else of GITEA_URL, else GH_HOST, and each --ssh-host
                 that forge; --forge says what it is, else its name:
  github.com, *.ghe.com, github.*
                 GitHub, where its token is set
  any other      nobody: another server may have a repository of that name

\b
Environment:
  GITEA_URL      Gitea's address, where --api-url is not given
  GITEA_TOKEN    an access token with the scope write:repository, of a user who
                 administers the repositories; never an argument, never shown
  GH_TOKEN, GITHUB_TOKEN
                 a token for github.com or *.ghe.com with the permission
                 Administration: write; GH_ENTERPRISE_TOKEN,
                 GITHUB_ENTERPRISE_TOKEN for an Enterprise Server; as gh reads them
  GH_HOST        an Enterprise Server's host name, as gh reads it
  SSL_CERT_FILE  the CA of a forge whose certificate is privately issued
"""

DEPLOY_KEY_LIST = f"""The stack's generated keys, and whether their forge knows them.

Also lists keys that were registered for this stack and are no longer its own.
Where no forge can be asked, only the stack is; reading needs no more than
read:repository at Gitea, Administration: read at GitHub.

\b
Examples:
  gitops deploy-key list
  gitops deploy-key list -s production --api-url https://git.example
  gitops deploy-key list -o json | jq -r '.keys[] | select(.state == "absent").key'

\b
Exit codes:
  0    the table is whole
  1    a forge did not answer for each repository; the table says why
  2    a mistake in the command, or nobody to ask; says what and what to do
{_JSON}"""

DEPLOY_KEY_REGISTER = f"""Let the stack's keys read its repositories at their forge.

Adds each public key of the stack's output deployKeys, read-only, to each repository
of its credential, titled flux/STACK/CREDENTIAL/KEY. A key that is there already
stays as it is, and one older than the active key does not come back, so this may
be repeated. GitHub takes a key for one repository alone: there each repository
needs a credential of its own.

\b
Examples:
  gitops deploy-key register --dry-run
  gitops deploy-key register --api-url https://git.example --ssh-host ssh.git.example
  gitops deploy-key register -s production --forge github

\b
Exit codes:
  0    every key from the active one on is registered, where a forge was asked
  1    one is not (no such repository, no permission); the table says why
  2    a mistake in the command, or nobody to ask; says what and what to do
{_JSON}"""

DEPLOY_KEY_RETIRE = f"""Remove old keys from their forge, once the active one is seen to sync.

Old are the keys titled flux/STACK/CREDENTIAL/… that are not the active one. A key
of the stack that comes after the active one by name is the next, and stays. Keys
with other titles are never touched.

Seen to sync means: the Secret in the cluster holds the active key, and every
GitRepository that uses it has fetched just now, on request, and is ready. Otherwise
nothing of that credential is removed, and Flux's own message says why.

\b
Examples:
  gitops deploy-key retire --dry-run
  gitops deploy-key retire --context admin@homelab --wait 300

\b
Exit codes:
  0    no old key is left, where a forge was asked
  1    one is; says why
  2    a mistake in the command, or nobody to ask; says what and what to do
{_JSON}"""
