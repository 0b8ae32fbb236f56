//! The page that lies in every dossier: what its files are, and how to check them without dualrun.

/// The page.
pub(super) const TEXT: &str = "\
An evidence pack of dualrun: how two systems billed the same months, who looked, and who signed.

  dualrun verify DIR                  checks all of it, with no database and no workspace
  dualrun verify DIR --allowed-signers FILE --against REPORT
                                      the same by keys and a report that came another way

What lies in this folder can be rebuilt by whoever holds it. What cannot be rebuilt is a signature, and a journal's head that was
printed elsewhere before: verify with both where you have them.

manifest.json         every other file with its length and BLAKE3 digest (b3sum), and one digest over all
configuration.json    what decides the numbers; BLAKE3 over it is the configuration's digest. dualrun.toml is for reading
runbook.json          the gates as they were folded. runbook.toml is for reading
stand.json            what sign-offs are bound to beside the rest: people, floor, digests
gates.json            how each gate stands, as stated
flip.json             the plan, each wave and each line of it as the acts come to, as stated
gate_acts.jsonl       checks, sign-offs, waivers, steps of the flip, oldest first
reviews.jsonl         decisions about rows, oldest first
journal.jsonl         every act with its time, each entry bound to the one before by its hash
allowed_signers       the keys by which signatures hold
runs/N/               a run: header, rows with their inputs and documents, the terms that rate them, findings, explanations

Amounts are whole minor units with their currency; other numbers are exact decimals, as text.

A signature by hand: take an act `sign` of gate_acts.jsonl with a seal `ssh`; write its signature to s.sig, and to m these seven lines,
each quoted text as JSON writes it, ending in a line break:
  dualrun sign-off v1 / service \"…\" / stage \"…\" / environment \"…\" / role \"…\" / person \"…\" / digest …
  ssh-keygen -Y verify -f allowed_signers -I PRINCIPAL -n dualrun-signoff -s s.sig < m
";
