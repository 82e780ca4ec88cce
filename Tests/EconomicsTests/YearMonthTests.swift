import Economics
import Testing

/// Months that date prices.
@Suite struct YearMonthTests {
  @Test func readsAndPrints() throws {
    let month = try #require(YearMonth("2024-10"))
    #expect(month.year == 2024 && month.month == 10)
    #expect(month.description == "2024-10")
    #expect(YearMonth(year: 987, month: 3)?.description == "0987-03")
  }

  @Test(arguments: [
    "", "2024", "2024-1", "2024-13", "2024-00", "2024/10", "2024-1x", "-024-10", "2024-10-03",
    "２024-10", "+024-10",
  ])
  func refuses(text: String) {
    #expect(YearMonth(text) == nil)
  }

  /// Order is that of the calendar: of all months of two years, each is before the next.
  @Test func order() {
    let months = [2024, 2025].flatMap { year in
      (1...12).compactMap { YearMonth(year: year, month: $0) }
    }
    #expect(months.count == 24)
    #expect(zip(months, months.dropFirst()).allSatisfy { $0 < $1 })
    #expect(months.allSatisfy { YearMonth($0.description) == $0 })
  }
}
