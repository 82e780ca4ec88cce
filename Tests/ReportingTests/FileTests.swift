import Foundation
import Testing

@testable import Reporting

/// Files whole or not at all, and folders that are known to be writable.
@Suite final class FileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "fathom-files-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
  }

  /// While a file grows, it has a hidden name beside the old file, which stays as it is.
  @Test func oldFileStaysUntilTheNewIsWhole() throws {
    let path = folder + "/a.csv"
    try WholeFile.write(to: path) { $0.put("old") }
    try WholeFile.write(to: path) { writer throws(OutputError) in
      writer.put("new")
      #expect((try? String(contentsOfFile: path, encoding: .utf8)) == "old")
      #expect((try? names.count) == 2)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(try names == ["a.csv"])
  }

  /// A file that fails halfway leaves nothing, and the file before it as it was.
  @Test func failureLeavesNothing() throws {
    let path = folder + "/a.csv"
    try WholeFile.write(to: path) { $0.put("old") }
    let failure = OutputError(path: path, doing: .writing, code: ENOSPC)
    #expect(throws: failure) {
      try WholeFile.write(to: path) { writer throws(OutputError) in
        writer.put("half")
        throw failure
      }
    }
    #expect(try names == ["a.csv"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
  }

  /// A full disk is noticed, whichever write meets it.
  @Test func fullDiskIsAnError() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    var writer = ByteWriter(descriptor: descriptor, path: "x.csv")
    writer.put("something")
    do throws(OutputError) {
      try writer.finish()
      Issue.record("a full disk went unnoticed")
    } catch {
      #expect(
        error.description == "x.csv: cannot be written (No space left on device);"
          + " make room there or name another folder with --output.")
    }
  }

  /// A folder in the place of a file: the finished file cannot be put there.
  @Test func folderInPlaceOfFile() throws {
    try FileManager.default.createDirectory(
      atPath: folder + "/a.csv/x", withIntermediateDirectories: true)
    #expect(throws: OutputError.self) {
      try WholeFile.write(to: folder + "/a.csv") { $0.put("new") }
    }
    #expect(try names == ["a.csv"])
  }

  /// The folder and those above it are made, and nothing else.
  @Test func foldersAreMade() throws {
    let made = try OutputFolder("small", in: folder + "/x/y")
    #expect(made.path == folder + "/x/y/small")
    #expect(try FileManager.default.contentsOfDirectory(atPath: made.path) == [])
  }

  /// A file where the folder should be, and a place where nobody can write, root neither.
  @Test func unwritableFoldersAreSentences() throws {
    try WholeFile.write(to: folder + "/file") { $0.put("x") }
    #expect(throws: OutputError(path: folder + "/file", doing: .makingFolder, code: ENOTDIR)) {
      try OutputFolder("small", in: folder + "/file")
    }
    #expect(throws: OutputError.self) { try OutputFolder("small", in: "/proc") }
    #expect(throws: OutputError.self) { try OutputFolder("self", in: "/proc") }
    let error = OutputError(path: "out", doing: .makingFolder, code: ENOTDIR)
    #expect(
      error.description
        == "out: the output folder cannot be made (Not a directory); name another with --output.")
  }

  /// A scenario's name cannot lead out of the output folder.
  @Test(arguments: ["", ".", "..", "a/b", "/"])
  func namesStayInside(name: String) {
    #expect(throws: OutputError(path: name, doing: .naming, code: EINVAL)) {
      try OutputFolder(name, in: folder)
    }
  }

  /// All files of an outcome, the same bytes each time.
  @Test func outcomeFiles() throws {
    let outcome = try Sample.outcome(["a", "b"])
    let first = try OutputFolder("first", in: folder)
    let second = try OutputFolder("second", in: folder)
    let names = try first.write(outcome)
    #expect(try second.write(outcome) == names)
    #expect(
      names == [
        "cases.csv", "ranks.csv", "links.csv", "collectives.csv", "waterfall.csv",
        "critical-path.csv", "memory.csv", "tensors.csv", "spans.csv", "trace.json",
        "timeline-a.svg", "timeline-b.svg", "resolved.yaml", "summary.json",
      ])
    #expect(try FileManager.default.contentsOfDirectory(atPath: first.path).count == names.count)
    for name in names {
      let one = FileManager.default.contents(atPath: first.path(of: name))
      #expect(one != nil && one == FileManager.default.contents(atPath: second.path(of: name)))
    }
  }

  /// A later run with other cases leaves no drawing of an earlier one.
  @Test func drawingsOfEarlierRunsGo() throws {
    let place = try OutputFolder("again", in: folder)
    _ = try place.write(Sample.outcome(["a", "b"]))
    let names = try place.write(Sample.outcome(["b"]))
    #expect(!names.contains("timeline-a.svg"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() == names.sorted())
  }

  /// A folder in the place of the last of several files is met before any of them is put in place.
  @Test func aFolderInPlaceOfOneLeavesAllAsTheyWere() throws {
    let place = try OutputFolder("set", in: folder)
    try WholeFile.write(to: place.path(of: "one")) { $0.put("old") }
    _ = try OutputFolder("two", in: place.path)
    #expect(throws: OutputError(path: place.path(of: "two"), doing: .renaming, code: EISDIR)) {
      try WholeFile.writeAll([
        (place.path(of: "one"), { $0.put("new") }), (place.path(of: "two"), { $0.put("new") }),
      ])
    }
    #expect(FileManager.default.contents(atPath: place.path(of: "one")) == Data("old".utf8))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() == ["one", "two"])
  }

  /// Where one of several files fails, none of them changes.
  @Test func aSetOfFilesIsWrittenWholeOrNotAtAll() throws {
    let place = try OutputFolder("set", in: folder)
    try WholeFile.write(to: place.path(of: "one")) { $0.put("old") }
    #expect(throws: OutputError.self) {
      try WholeFile.writeAll([
        (place.path(of: "one"), { $0.put("new") }),
        (place.path(of: "missing/two"), { $0.put("new") }),
      ])
    }
    let one = FileManager.default.contents(atPath: place.path(of: "one"))
    #expect(one == Data("old".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["one"])
  }
}
