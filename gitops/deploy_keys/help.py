"""What `gitops deploy-key --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

_JSON = """
\b
JSON (-o json); stable while version is 1:
  version     1
  stack       its name
  fine        true if the exit code is 0
  keys        in the order of the table, each with
    credential, key, active
                the names in the stack; key is null for a repository as a whole
    repository, host
                owner/name, and the host of its URL
    forge       Gitea, GitHub, or null if no forge was asked
    state       registered, absent, left-over, too-old, next, kept, removed,
                would-register, would-remove, refused, not-asked
    id          the forge's ID of the key, or null
    fine        false: this key is not in the requested state
    text        the text in the table
"""

DEPLOY_KEY = """Manage the stack's generated SSH keys at Gitea or GitHub.

`pulumi up` generates the `generated` keys of a credential of type ssh; the forge
needs their public halves. To rotate a key so that one works at every moment:

\b
  1. add a name to `generated`, pulumi up           the new key exists
  2. gitops deploy-key register                     the forge knows both
  3. set `active` to the new name, pulumi up        Flux uses the new one
  4. gitops deploy-key retire                       the forge drops the old one
  5. remove the old name from `generated`, pulumi up
                                                    the old key is gone

\b
The host in a repository's URL decides which forge is asked:
  the host of --api-url, else of GITEA_URL, else GH_HOST, and each --ssh-host
                 that forge; --forge sets its kind, else its host name does
  github.com, *.ghe.com, github.*
                 GitHub, if its token is set
  any other      none: another server may have a repository of that name

\b
Environment:
  GITEA_URL      Gitea's address, if --api-url is not given
  GITEA_TOKEN    an access token with the scope write:repository, of a user who
                 administers the repositories; never an argument, never shown
  GH_TOKEN, GITHUB_TOKEN
                 a token for github.com or *.ghe.com with the permission
                 Administration: write; GH_ENTERPRISE_TOKEN,
                 GITHUB_ENTERPRISE_TOKEN for an Enterprise Server; as gh reads them
  GH_HOST        an Enterprise Server's host name, as gh reads it
  SSL_CERT_FILE  the CA of a forge whose certificate is privately issued
"""

DEPLOY_KEY_LIST = f"""List the stack's generated keys, and whether the forge knows them.

Also lists keys that were registered for this stack but are no longer in it. If no
forge can be asked, it shows only the stack's keys. The token needs read:repository
at Gitea, or Administration: read at GitHub.

\b
Examples:
  gitops deploy-key list
  gitops deploy-key list -s production --api-url https://git.example
  gitops deploy-key list -o json | jq -r '.keys[] | select(.state == "absent").key'

\b
Exit codes:
  0    the table is complete
  1    a forge did not answer for each repository; the table says why
  2    the command line is wrong, or there is no forge to ask; stderr says what to do
{_JSON}"""

DEPLOY_KEY_REGISTER = f"""Register the stack's keys with its repositories at the forge.

Adds each public key in the stack's output deployKeys, read-only, to each repository
of its credential, titled flux/STACK/CREDENTIAL/KEY, where STACK
is the stack with its project and backend. You can run it again: a key that
is already registered stays as it is, and a key older than the active one is not
added. GitHub accepts a key for only one repository, so each repository there needs
its own credential.

\b
Examples:
  gitops deploy-key register --dry-run
  gitops deploy-key register --api-url https://git.example --ssh-host ssh.git.example
  gitops deploy-key register -s production --forge github

\b
Exit codes:
  0    the active key and later ones are registered, wherever a forge was asked
  1    one is not (no such repository, no permission); the table says why
  2    the command line is wrong, or there is no forge to ask; stderr says what to do
{_JSON}"""

DEPLOY_KEY_RETIRE = f"""Remove old keys from the forge, once Flux fetches with the active one.

Old keys are those that `register` titled for this stack, except the active key and the
stack's keys that sort after it by name. Keys with other titles are never touched.

First, it verifies that the Secret in the cluster holds the active key, and that every
GitRepository that uses it fetches on request and is ready. Otherwise it removes no
key of that credential, and shows Flux's message.

\b
Examples:
  gitops deploy-key retire --dry-run
  gitops deploy-key retire --context admin@homelab --wait 300

\b
Exit codes:
  0    no old key is left, wherever a forge was asked
  1    an old key is left; the output says why
  2    the command line is wrong, or there is no forge to ask; stderr says what to do
{_JSON}"""
