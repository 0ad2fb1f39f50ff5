//! What is noted of a visit that has a class.

/// It was in together with the teacher.
pub(super) const ATTENDED: u32 = 1 << 31;
/// It joined the open class soon enough.
pub(super) const SOON: u32 = 1 << 30;
/// The number of its class; all ones: it has none.
pub(super) const NUMBER: u32 = SOON - 1;
/// No service.
pub(super) const NOWHERE: u16 = u16::MAX;

/// The class of a visit under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    /// Its number, with [`ATTENDED`] and [`SOON`].
    pub class: u32,
    /// Whose pupils are taught.
    pub cohort: u16,
    /// Where it meets, known from the visit's beginning on; [`NOWHERE`] if at no service.
    pub service: u16,
}

const _: () = assert!(size_of::<Note>() == 8);

impl Note {
    /// Of a visit that has no class.
    pub const NONE: Note = Note {
        class: NUMBER,
        cohort: 0,
        service: NOWHERE,
    };

    /// The number of its class, if it has one.
    pub fn number(self) -> Option<u32> {
        let class = self.class & NUMBER;
        (class != NUMBER).then_some(class)
    }
}
