import DictationTypes

/// The tables of `library.db`, and how older ones become today's. docs/library.md describes them.
enum Schema {
  /// `PRAGMA application_id`: "thot" in ASCII. It tells the file from other programs' databases.
  static let applicationID = 0x7468_6f74

  /// What each version adds; the first makes version 1. A step that was ever released is never changed.
  static let migrations = [items, fullText, maintenance, tags]

  /// The first version that has the table `tags`.
  static let versionWithTags = 4

  /// Brings the database to the newest version, or to `version`.
  ///
  /// - Throws: a newer version, or the database of another program, is refused and left alone.
  static func migrate(_ database: Database, to version: Int = migrations.count) throws(DictationError) {
    var current = try checkedVersion(database)
    guard current < version else { return }
    try database.run("PRAGMA journal_mode = WAL")
    try database.transaction { () throws(DictationError) in
      // Another process may have been faster.
      current = try checkedVersion(database)
      for next in stride(from: current + 1, through: version, by: 1) {
        try database.script(migrations[next - 1])
        try database.script("PRAGMA user_version = \(next)")
      }
    }
  }

  /// The version of the database; 0 when it is empty.
  static func checkedVersion(_ database: Database) throws(DictationError) -> Int {
    let version = try database.number("PRAGMA user_version")
    let application = try database.number("PRAGMA application_id")
    let isEmpty = try database.number("SELECT count(*) FROM sqlite_schema") == 0
    guard application == applicationID || (isEmpty && application == 0) else {
      throw DictationError(
        .storage, "\(database.path) is the database of another program: move it elsewhere, then try again")
    }
    guard version <= migrations.count else {
      throw DictationError(
        .storage,
        "\(database.path) was written by a newer thoth (its version is \(version), this thoth knows "
          + "\(migrations.count)): update thoth; nothing in it was changed")
    }
    return version
  }

  private static let items = """
    PRAGMA application_id = \(applicationID);
    CREATE TABLE blobs (
      number INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL UNIQUE,
      bytes INTEGER NOT NULL,
      mime_type TEXT NOT NULL,
      sample_rate INTEGER NOT NULL,
      channels INTEGER NOT NULL,
      frames INTEGER NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE items (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL,
      state TEXT NOT NULL,
      text TEXT,
      raw_text TEXT,
      words INTEGER NOT NULL DEFAULT 0,
      duration_ms INTEGER NOT NULL DEFAULT 0,
      result TEXT,
      error TEXT,
      device TEXT,
      is_recovered INTEGER NOT NULL DEFAULT 0,
      audio TEXT REFERENCES blobs (sha256),
      deleted_at INTEGER
    ) STRICT;
    -- With all that filters and sums look at: texts are not read for them.
    CREATE INDEX items_by_time ON items (created_at, id, state, kind, deleted_at, words, duration_ms);
    CREATE INDEX items_by_audio ON items (audio) WHERE audio IS NOT NULL;
    CREATE INDEX items_in_trash ON items (deleted_at) WHERE deleted_at IS NOT NULL;
    CREATE TABLE doomed_blobs (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    """

  // Every row is in the index, also one without a text: so a 'delete' always names what was inserted.
  private static let fullText = """
    CREATE VIRTUAL TABLE items_text USING fts5 (
      text, content = 'items', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER items_text_insert AFTER INSERT ON items BEGIN
      INSERT INTO items_text (rowid, text) VALUES (new.number, new.text);
    END;
    CREATE TRIGGER items_text_delete AFTER DELETE ON items BEGIN
      INSERT INTO items_text (items_text, rowid, text) VALUES ('delete', old.number, old.text);
    END;
    CREATE TRIGGER items_text_update AFTER UPDATE OF text ON items WHEN old.text IS NOT new.text BEGIN
      INSERT INTO items_text (items_text, rowid, text) VALUES ('delete', old.number, old.text);
      INSERT INTO items_text (rowid, text) VALUES (new.number, new.text);
    END;
    INSERT INTO items_text (items_text) VALUES ('rebuild');
    """

  private static let maintenance = """
    CREATE TABLE maintenance (
      number INTEGER PRIMARY KEY CHECK (number = 1),
      believed_at INTEGER,
      held_at INTEGER
    ) STRICT;
    INSERT INTO maintenance (number) VALUES (1);
    """

  // A trigger and no cascade: a program that does not ask for foreign keys deletes them all the same.
  private static let tags = """
    CREATE TABLE tags (
      number INTEGER PRIMARY KEY,
      item INTEGER NOT NULL REFERENCES items (number),
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      UNIQUE (item, key)
    ) STRICT;
    CREATE INDEX tags_by_value ON tags (key, value, item);
    CREATE TRIGGER tags_delete BEFORE DELETE ON items BEGIN
      DELETE FROM tags WHERE item = old.number;
    END;
    """
}
