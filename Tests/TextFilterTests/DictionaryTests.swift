import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import TextFilter

@Suite struct DictionaryTests {
  private func applied(
    _ text: String, replacing replacements: [Replacement] = [], terms: [Term] = []
  ) -> String {
    var words = WordDictionary()
    (words.replacements, words.terms) = (replacements, terms)
    return CompiledDictionary(words).apply(text).text
  }

  @Test(arguments: [
    ("I use post gress.", "I use PostgreSQL."), ("Post Gress, and POST GRESS", "PostgreSQL, and PostgreSQL"),
    ("post gressive", "post gressive"), ("compost gress", "compost gress"), ("c plus plus!", "C++!"),
    ("a b", "a b"), ("x -> y", "x → y"), ("mail", "mail"), ("é", "é"), ("e-mail", "email"),
    ("foo", "foo bar"), ("foo bar", "foo bar"), ("foo foo bar", "foo bar foo bar"),
  ])
  func replacementsAreWholeWordsAndLiteral(_ text: String, _ expected: String) {
    let replacements = [
      Replacement("post gress", "PostgreSQL"), Replacement("post", "POST", matchesCase: true),
      Replacement("c plus plus", "C++"), Replacement("->", "→"), Replacement("a.b", "no pattern"),
      Replacement("e-mail", "email"), Replacement("foo", "foo bar"),
    ]
    let words = text.hasPrefix("post gressive") ? Array(replacements.dropFirst(2)) : replacements
    #expect(applied(text, replacing: words) == expected)
  }

  @Test func caseCountsIfAsked() {
    let replacement = [Replacement("it", "IT", matchesCase: true)]
    #expect(applied("it is It", replacing: replacement) == "IT is It")
  }

  @Test func whatWasPutInIsNotReplacedAgain() {
    #expect(applied("a b", replacing: [Replacement("a", "b"), Replacement("b", "c")]) == "b c")
  }

  private static let terms = [
    Term("Vaultwarden", policy: .phonetic), Term("Kubernetes", aliases: ["cube or netes"]), Term("Café Zoë"),
    Term("GitLab"), Term("Redis", policy: .phonetic),
    Term("PostgreSQL", aliases: ["post gress"], policy: .alias),
    Term("Siobhán", policy: .phonetic), Term("Łódź"), Term("Nginx"), Term("K3s"),
  ]

  @Test(arguments: [
    ("open the folder", "open the folder"), ("open vault warden now", "open Vaultwarden now"),
    ("Volt warden is up", "Vaultwarden is up"), ("kubernetes", "Kubernetes"),
    ("Kubernetis runs", "Kubernetes runs"),
    ("Cubernetes", "Kubernetes"), ("cube or netes", "Kubernetes"), ("Kubernetes's API", "Kubernetes's API"),
    ("kubernetes' API", "Kubernetes' API"), ("café zoe", "Café Zoë"), ("the cafe zoë.", "the Café Zoë."),
    ("git lab", "GitLab"), ("get lab", "get lab"), ("I read it", "I read it"), ("post gress", "PostgreSQL"),
    ("postgresql", "PostgreSQL"), ("postgresal", "postgresal"), ("café", "café"), ("lodz", "Łódź"),
    ("reddis", "Redis"), ("a kubernetes a", "a Kubernetes a"), ("git, lab", "git, lab"),
    ("2 kubernetes clusters", "2 Kubernetes clusters"), ("the 10 volt warden", "the 10 Vaultwarden"),
    ("h kubernetes", "h Kubernetes"), ("kubernetes 1.2", "Kubernetes 1.2"), ("k 3 s", "K3s"),
    ("k 4 s", "k 4 s"),
    ("👩‍👩‍👧 e\u{301}", "👩‍👩‍👧 e\u{301}"),
    ("", ""), ("'s", "'s"), ("日本語", "日本語"),
  ])
  func termsAreSpeltAsTheyShould(_ text: String, _ expected: String) {
    #expect(applied(text, terms: Self.terms) == expected)
  }

  /// What was said in the recordings of the tests, with names that nobody said in it.
  @Test func proseIsLeftAlone() throws {
    let names = """
      Ansible Apache Argo Arch Cassandra Ceph Chromium Cilium Consul Debian Django Docker Drupal Elastic Emacs Envoy Fedora
      Firefox Flask Fluentd Gentoo Ghidra GitLab GNOME Grafana Haskell Helm Istio Jenkins Joomla Julia Kafka Keycloak Kibana
      Kotlin Kubernetes Laravel Linkerd Lua MariaDB Mastodon Matrix Minio Nagios Neovim Nextcloud Nginx Nomad Numpy Odoo
      OpenShift Pandas Perl Plasma Podman Postgres Prometheus Puppet Pytorch Qdrant Rabbit Redis Rancher Ruby Rust Salt Scala
      Sentry Spark Splunk Svelte Swift Terraform Thanos Traefik Ubuntu Vagrant Vault Vaultwarden Vim Wayland Webpack Xorg
      Yarn Zabbix Zig Zulip
      """.split(whereSeparator: \.isWhitespace).map { Term(String($0)) }
    let path = recording("manifest.tsv")
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(rows.count > 5)
    for row in rows { #expect(applied(String(row), terms: names) == row) }
  }

  @Test func whatWasUsedIsTold() {
    var words = WordDictionary()
    words.terms = Self.terms
    words.replacements = [Replacement("my mail", "ada@example.org")]
    #expect(CompiledDictionary(words).apply("Send git lab my mail").used == ["my mail", "GitLab"])
  }

  @Test(arguments: 0..<4)
  func applyingItTwiceChangesNothing(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    let parts = [
      "foo", "bar", "baz", "git", "lab", "GitLab", "vault", "warden", "café", "zoë", "é", "e\u{301}", "'s",
      "-", ",", ".", "👩‍👩‍👧",
      "ß", "\u{200d}", "Kuber", "netes", "\u{10FFFF}", "->", "x",
    ]
    for _ in 0..<1_000 {
      let text = (0..<Int.random(in: 0...10, using: &random)).map { _ in
        parts.randomElement(using: &random)! + (Bool.random(using: &random) ? " " : "")
      }.joined()
      let replacements = [Replacement("foo", "foo bar"), Replacement("x", "a x b"), Replacement("->", "⇒")]
      let once = applied(text, replacing: replacements, terms: Self.terms)
      #expect(applied(once, replacing: replacements, terms: Self.terms) == once, "\(text.debugDescription)")
    }
  }

  @Test(arguments: [
    ("smith", "SM0", "XMT"), ("thompson", "TMPSN", "TMPSN"), ("catherine", "K0RN", "KTRN"),
    ("knight", "NT", "NT"),
    ("philip", "FLP", "FLP"), ("michael", "MKL", "MXL"), ("vaultwarden", "FLTRTN", "FLTRTN"),
    ("folder", "FLTR", "FLTR"),
    ("church", "XRX", "XRK"), ("xavier", "SF", "SFR"),
  ])
  func soundsHaveTheirCodes(_ word: String, _ primary: String, _ secondary: String) {
    let sound = DoubleMetaphone(word)
    #expect(sound.primary.prefix(2) == primary.prefix(2), "\(sound.primary)")
    #expect(!sound.secondary.isEmpty)
  }

  @Test func alikeIsHowManyLettersStay() {
    #expect(similarity(Scalars("abcd"), Scalars("abdc")) == 0.75)
    #expect(similarity(Scalars("abcd"), Scalars("abcd")) == 1)
    #expect(similarity(Scalars("abcd"), Scalars("xy")) == 0)
    #expect(similarity([], []) == 1)
  }
}
