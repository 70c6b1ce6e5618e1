//! placeholder
use crate::{Outcome, workspace::Workspace};
pub(crate) fn run(_: &Workspace, _: &[String]) -> Outcome {
    Err("not built yet".into())
}
