/// The candidates for the word at the cursor, cycled through with Tab.
struct Completion: Hashable, Sendable {
    var candidates: [Candidate]
    var selected: Int
    /// The characters of the editor that a candidate replaces.
    var range: Range<Int>

    /// One possible word.
    struct Candidate: Hashable, Sendable {
        /// What goes into the editor.
        var text: String
        /// What the list says beside it.
        var note: String
    }
}
